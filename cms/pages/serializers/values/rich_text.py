"""Serializer of rich text: resolves links and sanitises HTML."""

from __future__ import annotations

from html import escape

import nh3
from wagtail.rich_text.rewriters import LinkRewriter

from sites.access.references.referable_objects import may_load
from sites.validation.links import LINK_SCHEMES, safe_url

from ..context import SerializerContext

ALLOWED_TAGS = {"p", "br", "b", "strong", "i", "em", "ul", "ol", "li", "a", "h3", "h4"}


def rich_text_html(source: str, context: SerializerContext) -> str:
    """Return stored rich text as sanitised HTML.

    A link to a page that is not public, or to a document that is missing or private, keeps its text and loses its
    `href`.
    """
    if not source:
        return ""

    def page_link(attributes: dict[str, str]) -> str:
        key = _primary_key(attributes)
        card = context.card(key) if key is not None else None
        return _opening_tag(card["url"] if card else "")

    def document_link(attributes: dict[str, str]) -> str:
        key = _primary_key(attributes)
        document = context.document(key) if key is not None else None
        if document is None or not may_load(document) or context.is_private_collection(document.collection_id):
            return _opening_tag("")
        return _opening_tag(context.file_url(document.file, document.url))

    rewritten = LinkRewriter(rules={"page": page_link, "document": document_link})(source)
    return nh3.clean(
        rewritten,
        tags=ALLOWED_TAGS,
        attributes={"a": {"href", "lang", "hreflang"}},
        url_schemes=set(LINK_SCHEMES),
        attribute_filter=_safe_attribute,
        link_rel="noopener",
    )


def _safe_attribute(tag: str, attribute: str, value: str) -> str | None:
    return (safe_url(value) or None) if attribute == "href" else value


def _primary_key(attributes: dict[str, str]) -> int | None:
    """Return the primary key in a link's `id`, or None if it is not a number."""
    return int(attributes["id"]) if attributes.get("id", "").isdecimal() else None


def _opening_tag(url: str) -> str:
    return f'<a href="{escape(url)}">' if url else "<a>"
