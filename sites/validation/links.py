"""Which addresses a link may lead to, asked wherever a link is written, and once more where one is published.

Only http, https, mailto and tel (RFC 3986 schemes) and addresses within the site. Whatever else a browser could run
or take for something else is refused: other schemes, control characters, addresses of other hosts that look internal.
"""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db.models import Model, URLField
from django.utils.translation import gettext as _
from wagtail import blocks
from wagtail.embeds.blocks import EmbedBlock
from wagtail.fields import RichTextField, StreamField

LINK_SCHEMES = frozenset(("http", "https", "mailto", "tel"))
WEB_SCHEMES = frozenset(("http", "https"))
HARMFUL_LINK = "harmful_link"
# Attributes of HTML in which an address may stand; `url` is that of Wagtail's <embed>.
ADDRESS_ATTRIBUTES = frozenset(("href", "src", "srcset", "action", "formaction", "poster", "data", "url", "xlink:href"))


def is_safe_link(value: str) -> bool:
    """Whether the value, as the address of a link, leads to a page, a mail box or a telephone and runs nothing."""
    address = value.strip(" ")
    # Browsers drop control characters ("java\nscript:") and take backslashes for slashes.
    if "\\" in address or any(character < " " or character == "\x7f" for character in address):
        return False
    try:
        parts = urlsplit(address)
        scheme, host = parts.scheme.lower(), parts.hostname
    except ValueError:
        return False
    if scheme in WEB_SCHEMES:
        return bool(host)
    if scheme:
        return scheme in LINK_SCHEMES
    # Within the site. "//host/" leads elsewhere and looks as if it did not; a colon in the first part of a path is
    # no scheme for urlsplit when odd characters stand before it, and browsers are not that strict.
    return not address.startswith("//") and ":" not in address.split("/")[0].split("?")[0].split("#")[0]


def validate_link(value: str) -> None:
    """Refuse an address that `is_safe_link` does not know; the error names it."""
    if value and not is_safe_link(value):
        message = _("“%(link)s” may not stand here: link to a web address, an e-mail address, a telephone or a page.")
        raise ValidationError(message, code=HARMFUL_LINK, params={"link": value})


def validate_web_url(value: str) -> None:
    """Refuse what is not the address of a page on the web; for fields that hold a whole address (`URLField`)."""
    if value and not (is_safe_link(value) and urlsplit(value.strip(" ")).scheme.lower() in WEB_SCHEMES):
        message = _("“%(link)s” is no address of a web page. It begins with https:// or http://.")
        raise ValidationError(message, code=HARMFUL_LINK, params={"link": value})


def safe_url(value: str) -> str:
    """Return an address as it may be published: itself, or "" when it should never have been stored."""
    return value if is_safe_link(value) else ""


def urls_in_html(html: str) -> list[str]:
    """Return every address that stands in an attribute of the HTML, entities decoded, in order."""
    reader = _AddressReader()
    reader.feed(html)
    reader.close()
    return reader.found


def refuse_harmful_links(instance: Model) -> None:
    """Raise ValidationError, with an error at each field concerned, if the instance holds a link that is refused."""
    errors: dict[str, ValidationError] = {}
    for field in instance._meta.concrete_fields:
        try:
            _validate_field(field, field.value_from_object(instance))
        except ValidationError as error:
            errors[field.name] = error
    if errors:
        raise ValidationError(errors)


class _AddressReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if value and name.lower() in ADDRESS_ATTRIBUTES]


def _validate_field(field: Any, value: Any) -> None:
    match field:
        case URLField():
            validate_web_url(value or "")
        case RichTextField():
            _validate_html(value or "")
        case StreamField():
            for block, each in _leaves(field.stream_block, value):
                _validate_block(block, each)


def _validate_html(html: str) -> None:
    for address in urls_in_html(html):
        validate_link(address)


def _validate_block(block: blocks.Block, value: Any) -> None:
    match block:
        case blocks.RichTextBlock():
            _validate_html(value.source if value else "")
        case blocks.URLBlock():
            validate_web_url(value or "")
        case EmbedBlock():
            validate_web_url(value.url if value else "")
        case blocks.RawHTMLBlock():
            _validate_html(value or "")


def _leaves(block: blocks.Block, value: Any) -> Iterator[tuple[blocks.Block, Any]]:
    """Yield each innermost block of a StreamField's value with what it holds."""
    match block:
        case blocks.StreamBlock():
            for child in value or ():
                yield from _leaves(child.block, child.value)
        case blocks.ListBlock():
            for item in value or ():
                yield from _leaves(block.child_block, item)
        case blocks.StructBlock():
            for name, child in block.child_blocks.items():
                yield from _leaves(child, value.get(name) if value else None)
        case _:
            yield block, value
