"""How version 2 shows pages and media: Wagtail's shape, without what the public may not know."""

from __future__ import annotations

import json
from typing import Any

from rest_framework.fields import Field
from wagtail.api.v2.serializers import (
    BaseSerializer,
    PageAliasOfField,
    PageParentField,
    PageSerializer,
    get_serializer_class,
)
from wagtail.models import Page

from .scope import public_documents


class AddressField(Field):
    """Address on the department's site; Wagtail would look for pages served by itself."""

    def get_attribute(self, page: Page) -> str | None:
        address: str | None = self.context["view"].public_url_of(page)
        return address

    def to_representation(self, address: str) -> str:
        return address


class PublishedDocumentField(Field):
    """The published document of the page: the JSON of docs/document.md."""

    def get_attribute(self, page: Page) -> str | None:
        documents = public_documents(self.context["view"].department)
        return documents.filter(page_id=page.pk).values_list("body", flat=True).first()

    def to_representation(self, body: str) -> Any:
        return json.loads(body)


class _AsPublicPage:
    def to_representation(self, page: Page) -> dict[str, Any]:
        serializer_class = get_serializer_class(
            type(page),
            ["id", "type", "detail_url", "html_url", "title"],
            meta_fields=["type", "detail_url", "html_url"],
            base=PublicPageSerializer,
        )
        data: dict[str, Any] = serializer_class(context=self.context).to_representation(page)  # type: ignore[attr-defined]
        return data


class PublicParentField(_AsPublicPage, PageParentField):
    """The page above, if it is public."""


class PublicAliasOfField(_AsPublicPage, PageAliasOfField):
    """The page that this one repeats, if it is public and the department's; Wagtail's shows its title anyway."""

    def get_attribute(self, page: Page) -> Page | None:
        return self.context["base_queryset"].filter(pk=page.alias_of_id).first() if page.alias_of_id else None


class PublicPageSerializer(PageSerializer):
    html_url = AddressField(read_only=True)
    parent = PublicParentField(read_only=True)
    alias_of = PublicAliasOfField(read_only=True)
    document = PublishedDocumentField(read_only=True)


class ShownImageField(Field):
    """A member of the image as published documents show it."""

    def __init__(self, member: str, **kwargs: Any) -> None:
        self.member = member
        super().__init__(**kwargs)

    def get_attribute(self, image: Any) -> Any:
        shown = self.context["view"].published_image(image)
        return shown and shown[self.member]

    def to_representation(self, value: Any) -> Any:
        return value


class PublicImageSerializer(BaseSerializer):
    """The title is the text alternative: what editors call an image may name who is in it.

    The file is the large size that pages show, not the upload with whatever the camera wrote into it.
    """

    title = ShownImageField("alt", read_only=True)
    width = ShownImageField("width", read_only=True)
    height = ShownImageField("height", read_only=True)
    credit = ShownImageField("credit", read_only=True)
    download_url = ShownImageField("url", read_only=True)
