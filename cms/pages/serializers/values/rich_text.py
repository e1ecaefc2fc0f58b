"""Serializer of rich text: resolves links and sanitises HTML."""

from __future__ import annotations

import re
from html import escape

import nh3
from wagtail.rich_text.rewriters import LinkRewriter

from cms.media.models import CustomDocument
from sites.access.references.referable_objects import may_load
from sites.html_text import text_of_html, unescaped
from sites.validation.links import LINK_SCHEMES, file_token, is_page_relative, safe_url
from sites.validation.object_keys import is_beyond_keys

from ..context import SerializerContext

ALLOWED_TAGS = {"p", "br", "b", "strong", "i", "em", "ul", "ol", "li", "a", "h3", "h4"}
# Rich text has no link within a link.
LINK = re.compile(r"<a\b(?P<attributes>[^>]*)>(?P<content>.*?)</a>", re.IGNORECASE | re.DOTALL)
ATTRIBUTE = re.compile(r"""([a-z]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
# A shorter title is a common word, which the text of a link may contain.
LONG_TITLE = 10


def rich_text_html(source: str, context: SerializerContext) -> str:
    """Return stored rich text as sanitised HTML with absolute URLs.

    A link to a page that is not public, or to a missing document, keeps its text and loses its `href`. A link to a
    private document loses its text too if that is the title or the URL of the document.
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

    def safe_attribute(tag: str, attribute: str, value: str) -> str | None:
        if attribute != "href":
            return value
        return context.absolute_url(value) if safe_url(value) and not is_page_relative(value) else None

    keys = context.document_keys({token for link in LINK.finditer(source) if (token := _token(_attributes(link)))})
    shown = LINK.sub(lambda link: _without_private_document(link, keys, context), source)
    return nh3.clean(
        LinkRewriter(rules={"page": page_link, "document": document_link})(shown),
        tags=ALLOWED_TAGS,
        attributes={"a": {"href", "lang", "hreflang"}},
        url_schemes=set(LINK_SCHEMES),
        attribute_filter=safe_attribute,
        link_rel="noopener",
    )


def _attributes(link: re.Match[str]) -> dict[str, str]:
    return {name.lower(): unescaped("".join(values)) for name, *values in ATTRIBUTE.findall(link["attributes"])}


def _token(attributes: dict[str, str]) -> str:
    """Return the token of the document to whose URL a link leads, "" without one."""
    return "" if attributes.get("linktype") == "document" else file_token(attributes.get("href", ""))


def _without_private_document(link: re.Match[str], keys: dict[str, int], context: SerializerContext) -> str:
    """Return a link unchanged, or its text if it leads to a private document, or "" if this text identifies it.

    `keys` has the primary keys of the documents to whose URLs links of the text lead, by their tokens.
    """
    attributes = _attributes(link)
    token = _token(attributes)
    key = keys.get(token) if token else None
    if attributes.get("linktype") == "document":
        key = _primary_key(attributes)
    document = context.document(key) if key is not None else None
    if document is None or not context.is_private_collection(document.collection_id):
        return link[0]
    return "" if _identifies(text_of_html(link["content"]), document) else link["content"]


def _identifies(text: str, document: CustomDocument) -> bool:
    """Return True if a text is the title of a document, or holds its long title, the name of its file or its token."""
    words, title = " ".join(text.casefold().split()), " ".join(document.title.casefold().split())
    held = [document.filename.casefold(), document.token.casefold(), *([title] if len(title) >= LONG_TITLE else [])]
    return words == title or any(each in words for each in held)


def _primary_key(attributes: dict[str, str]) -> int | None:
    """Return the primary key in a link's `id`, or None if it is not a number, or one that no key can be."""
    key = attributes.get("id", "")
    return int(key) if key.isdecimal() and not is_beyond_keys(key) else None


def _opening_tag(url: str) -> str:
    return f'<a href="{escape(url)}">' if url else "<a>"
