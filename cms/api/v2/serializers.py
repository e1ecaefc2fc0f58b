"""Serializers of version 2: Wagtail's, without data that is not public."""

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

from cms.api.renderers import answered
from cms.delivery.models.stored_json import parse_body

from .scope import public_documents


class PublicUrlField(Field):
    """The URL on the department's site. Wagtail's field would return the URL at which Wagtail serves the page."""

    def get_attribute(self, page: Page) -> str | None:
        url: str | None = self.context["view"].public_url_of(page)
        return url

    def to_representation(self, url: str) -> str:
        return url


class PublishedDocumentField(Field):
    """The published document of the page (docs/document.md)."""

    def get_attribute(self, page: Page) -> tuple[str, int, str] | None:
        documents = public_documents(self.context["view"].department)
        return documents.filter(page_id=page.pk).values_list("body", "page_id", "locale").first()

    def to_representation(self, stored: tuple[str, int, str]) -> Any:
        body, page_id, locale = stored
        return json.loads(answered(body, locale)) if parse_body(body, page_id) else None


class _PublicPageRepresentation:
    """Represents a related page by `PublicPageSerializer`."""

    def to_representation(self, page: Page) -> dict[str, Any]:
        serializer_class = get_serializer_class(
            type(page),
            ["id", "type", "detail_url", "html_url", "title"],
            meta_fields=["type", "detail_url", "html_url"],
            base=PublicPageSerializer,
        )
        data: dict[str, Any] = serializer_class(context=self.context).to_representation(page)  # type: ignore[attr-defined]
        return data


class PublicParentField(_PublicPageRepresentation, PageParentField):
    """The parent page, or null if it is not public."""


class PublicAliasOfField(_PublicPageRepresentation, PageAliasOfField):
    """The origin of an alias, or null if it is not a public page of the department."""

    def get_attribute(self, page: Page) -> Page | None:
        return self.context["base_queryset"].filter(pk=page.alias_of_id).first() if page.alias_of_id else None


class PublicPageSerializer(PageSerializer):
    """A page with its public URL, relations and published document."""

    html_url = PublicUrlField(read_only=True)
    parent = PublicParentField(read_only=True)
    alias_of = PublicAliasOfField(read_only=True)
    document = PublishedDocumentField(read_only=True)


class PublishedImageField(Field):
    """A member of the Image (docs/document.md) that published documents show."""

    def __init__(self, member: str, **kwargs: Any) -> None:
        self.member = member
        super().__init__(**kwargs)

    def get_attribute(self, image: Any) -> Any:
        data = self.context["view"].published_image(image)
        return data and data[self.member]

    def to_representation(self, value: Any) -> Any:
        return value


class PublicImageSerializer(BaseSerializer):
    """An image whose `title` is its text alternative and whose file is the large rendition.

    The title that editors chose may name the person shown, and the uploaded file may contain metadata of the camera.
    """

    title = PublishedImageField("alt", read_only=True)
    width = PublishedImageField("width", read_only=True)
    height = PublishedImageField("height", read_only=True)
    credit = PublishedImageField("credit", read_only=True)
    download_url = PublishedImageField("url", read_only=True)
