"""Links and images of the rich-text editor, limited to objects to which the acting user may refer.

The editor shows the URL of a linked page, the file name of a document and a rendition of an image. For an object
to which the user may not refer it gets the id only, as for an object that does not exist. In a submitted text, links to
such objects become plain text.
"""

from __future__ import annotations

import json
import re
from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from wagtail.admin.rich_text.converters import html_to_contentstate
from wagtail.admin.rich_text.converters.contentstate import link_entity
from wagtail.admin.rich_text.converters.contentstate_models import Entity
from wagtail.admin.views.chooser import ExternalLinkView
from wagtail.documents import get_document_model
from wagtail.documents.rich_text.contentstate import DocumentLinkElementHandler, document_link_entity
from wagtail.images import get_image_model
from wagtail.images.rich_text.contentstate import ImageElementHandler, image_entity
from wagtail.models import Page
from wagtail.rich_text.feature_registry import FeatureRegistry

from sites.access.capabilities import is_unrestricted
from sites.access.querysets import viewable_by
from sites.access.references.acting_user import acting_user
from sites.access.references.named_objects import find_object, load_objects
from sites.access.references.readable_titles import reads_draft
from sites.access.references.referable_objects import find_referable, is_own, is_public
from sites.validation.editor_content import RichTextArea

# Attributes of pages that texts name: the data of a link to the page, and the key of its parent.
LINK_DATA = "_link_data"
PARENT = "_parent_key"
TAG = re.compile(r"<(?:a|embed)\b([^>]*)>")
KEY = re.compile(r'\bid="([0-9]{1,19})"')


class LinkedRichTextArea(RichTextArea):
    """The rich-text editor (setting WAGTAILADMIN_RICH_TEXT_EDITORS), which looks up all targets of a text together."""

    def format_value(self, value: Any) -> str:
        load_targets(str(getattr(value, "source", value) or ""))
        return str(super().format_value(value))


def load_targets(html: str) -> None:
    """Look up the pages, documents and images to which stored rich text refers: a query for each model, and parents."""
    models = {'"page"': Page, '"document"': get_document_model(), '"image"': get_image_model()}
    keys: dict[Any, set[str]] = {model: set() for model in models.values()}
    for tag in TAG.findall(html):
        for kind, model in models.items():
            if f"type={kind}" in tag:
                keys[model].update(KEY.findall(tag))
    for model, named in keys.items():
        if named:
            load_objects(model, named)
    pages: list[Any] = [page for key in keys[Page] if (page := find_object(Page, key)) is not None]
    if pages:
        parents = {page.path[: -page.steplen] for page in pages}
        found = dict(Page.objects.filter(path__in=parents).values_list("path", "pk"))
        specific = {page.pk: page for page in Page.objects.filter(pk__in=[page.pk for page in pages]).specific()}
        for page in pages:
            page.__dict__[PARENT] = found.get(page.path[: -page.steplen])
            page.__dict__["specific"] = specific.get(page.pk, page)


class PageLinkHandler(html_to_contentstate.PageLinkElementHandler):
    """A link to a page; for content that another department shares, without the owner's parent page."""

    def get_attribute_data(self, attrs: dict[str, str]) -> dict[str, Any]:
        page = find_referable(Page, attrs.get("id"))
        if page is None:
            return {"id": _number(attrs.get("id")), "url": None, "parentId": None}
        if LINK_DATA not in page.__dict__:  # A text may have many links to one page.
            page.__dict__[LINK_DATA] = self._data_of_page(page)
        data: dict[str, Any] = page.__dict__[LINK_DATA]
        return dict(data)

    def _data_of_page(self, page: Page) -> dict[str, Any]:
        if not is_own(page):
            return {"id": page.pk, "url": page.specific.full_url if is_public(page) else None, "parentId": None}
        known = page.__dict__.get(PARENT)
        return {"id": page.pk, "url": page.specific.url, "parentId": known or getattr(page.get_parent(), "pk", None)}


class DocumentLinkHandler(DocumentLinkElementHandler):
    """A link to a document."""

    def get_attribute_data(self, attrs: dict[str, str]) -> dict[str, Any]:
        document = find_referable(get_document_model(), attrs.get("id"))
        if document is not None:
            return {"id": document.pk, "url": document.url, "filename": document.filename}
        number = _number(attrs.get("id"))
        return {} if number is None else {"id": number}


class ImageHandler(ImageElementHandler):
    """An image within rich text; no rendition is made of an image of another department."""

    def create_entity(self, name: str, attrs: dict[str, str], state: Any, contentstate: Any) -> Entity:
        if find_referable(get_image_model(), attrs.get("id")) is not None:
            return super().create_entity(name, attrs, state, contentstate)
        data = {"id": attrs.get("id"), "src": "", "alt": attrs.get("alt"), "format": attrs.get("format")}
        return Entity("IMAGE", "IMMUTABLE", data)


def page_link(props: dict[str, Any]) -> Any:
    """Return the element of a link in submitted text; its text alone if the user may not refer to the page."""
    is_broken = props.get("id") is not None and _is_refused(Page, props["id"])
    return props["children"] if is_broken else link_entity(props)


def document_link(props: dict[str, Any]) -> Any:
    """Return the element of a link to a document; its text alone if the user may not refer to the document."""
    return props["children"] if _is_refused(get_document_model(), props.get("id")) else document_link_entity(props)


def image_embed(props: dict[str, Any]) -> Any:
    """Return the element of an image in submitted text; None if the user may not refer to the image."""
    return None if _is_refused(get_image_model(), props.get("id")) else image_entity(props)


def _is_refused(model: type[Model], pk: Any) -> bool:
    return acting_user() is not None and find_referable(model, pk) is None


def limit_rich_text(features: FeatureRegistry) -> None:
    """Register the converters in place of Wagtail's (hook `register_rich_text_features`)."""
    rules = {
        "link": (
            {
                "a[href]": html_to_contentstate.ExternalLinkElementHandler("LINK"),
                'a[linktype="page"]': PageLinkHandler("LINK"),
            },
            {"LINK": page_link},
        ),
        "document-link": (
            {'a[linktype="document"]': DocumentLinkHandler("DOCUMENT")},
            {"DOCUMENT": document_link},
        ),
        "image": ({'embed[embedtype="image"]': ImageHandler()}, {"IMAGE": image_embed}),
    }
    for feature, (elements, entities) in rules.items():
        features.register_converter_rule(
            "contentstate",
            feature,
            {"from_database_format": elements, "to_database_format": {"entity_decorators": entities}},
        )


class DepartmentExternalLinkView(ExternalLinkView):
    """The chooser of an external link. It converts the URL of a page to a link to that page.

    The URL of a page that the user may not view stays an external link, like a URL without a page. Wagtail shows
    the draft title of the page, and a question if the URL has a query or a fragment. A user who may not read the
    draft gets the published title and no question: such a URL stays an external link.
    """

    def post(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse = super().post(request)
        answer = json.loads(response.content)
        link = answer.get("internal") or answer.get("result") or {}
        if "id" not in link:
            return response
        page = viewable_by(Page.objects.all(), request.user).filter(pk=link["id"]).first()
        found = self.get_result_data()
        if page is not None:
            if is_unrestricted(request.user) or reads_draft(request.user, page):
                return response
            if "internal" not in answer:
                found = link | {"adminTitle": page.specific.get_admin_display_title()}
        chosen: HttpResponse = self.render_chosen_response(found)
        return chosen


def _number(value: str | None) -> int | None:
    """Return the id in an attribute as a number, or None if it is not one."""
    return int(value) if value is not None and value.isdecimal() else None
