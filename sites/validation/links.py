"""Validation of URLs in links, when they are stored and again when they are published.

Allowed are http, https, mailto and tel (schemes of RFC 3986) and paths within the site. Refused are other schemes,
control characters, and URLs of other hosts that look like paths.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Model, URLField
from django.utils.translation import gettext as _
from wagtail import blocks
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Site

LINK_SCHEMES = frozenset(("http", "https", "mailto", "tel"))
WEB_SCHEMES = frozenset(("http", "https"))
HARMFUL_LINK = "harmful_link"
FILE_PATH = re.compile(r"/documents/(?P<token>[\w-]{20,32})/")
# Characters that no host has (WHATWG URL, forbidden domain code points).
NOT_IN_HOST = re.compile(r"[\x00-\x20#%/:<>?@\[\\\]^|\x7f]")
# HTML attributes that contain URLs; `url` belongs to Wagtail's <embed>.
URL_ATTRIBUTES = frozenset(("href", "src", "srcset", "action", "formaction", "poster", "data", "url", "xlink:href"))


def is_safe_link(value: str) -> bool:
    """Return True if the value links to a page, an e-mail address or a telephone number, and cannot run code."""
    url = value.strip(" ")
    # Browsers drop control characters ("java\nscript:") and treat backslashes as slashes.
    if "\\" in url or any(character < " " or character == "\x7f" for character in url):
        return False
    try:
        parts = urlsplit(url)
        scheme, host, _port = parts.scheme.lower(), parts.hostname, parts.port
    except ValueError:
        return False
    if scheme in WEB_SCHEMES:
        return bool(host) and ("[" in parts.netloc or _is_host(unquote(host or "")))
    if scheme:
        return scheme in LINK_SCHEMES
    # A path within the site. "//host/" leads to another host; urlsplit finds no scheme in a first segment with a colon
    # after unusual characters, but browsers do.
    return not url.startswith("//") and ":" not in url.split("/")[0].split("?")[0].split("#")[0]


def _is_host(host: str) -> bool:
    """Return True for a name or an IPv4 address that browsers accept: the link would be published without URL."""
    if NOT_IN_HOST.search(host):
        return False
    try:
        if host.rstrip(".").rpartition(".")[2].isdecimal():
            socket.inet_aton(host.rstrip("."))
        encoded = host.encode("idna")
        encoded.decode("idna")
    except (OSError, UnicodeError):
        return False
    return b".." not in encoded


def validate_link(value: str) -> None:
    """Raise ValidationError, with the URL, if `is_safe_link` refuses it."""
    if value and not is_safe_link(value):
        message = _(
            "“%(link)s” is not an allowed link: use a web address, an e-mail address, a telephone number or a page."
        )
        raise ValidationError(message, code=HARMFUL_LINK, params={"link": value})


def validate_web_url(value: str) -> None:
    """Raise ValidationError unless the value is the absolute URL of a web page. For URLField."""
    if value and not (is_safe_link(value) and urlsplit(value.strip(" ")).scheme.lower() in WEB_SCHEMES):
        message = _("“%(link)s” is no address of a web page. It begins with https:// or http://.")
        raise ValidationError(message, code=HARMFUL_LINK, params={"link": value})


def file_token(value: str) -> str:
    """Return the token in the URL of a document of this instance (`/documents/{token}/{name}`), "" for other URLs."""
    # Servers decode a path before they read it.
    found = FILE_PATH.match(unquote(urlsplit(value.strip(" ")).path)) if is_safe_link(value) else None
    return found["token"] if found else ""


def is_page_relative(value: str) -> bool:
    """Return True for a URL without scheme and host that does not begin at the root of the site: `#a`, `?a`, `a/`."""
    parts = urlsplit(value.strip(" "))
    return not parts.scheme and not parts.netloc and not parts.path.startswith("/")


def validate_rich_text_link(value: str) -> None:
    """Raise ValidationError for a link that `validate_link` refuses, that depends on the URL of its page, or that
    is the URL of a document or an image.

    A link that is chosen as a document follows its file: it ends when the document becomes private or is deleted.
    """
    validate_link(value)
    if value and is_page_relative(value):
        message = _("“%(link)s” is no complete address: begin it with https:// or /, or choose the page.")
        raise ValidationError(message, code=HARMFUL_LINK, params={"link": value})
    parts = urlsplit(value.strip(" "))
    is_file = file_token(value) or unquote(parts.path).startswith(settings.MEDIA_URL)
    if is_file and (not parts.hostname or Site.objects.filter(hostname__iexact=parts.hostname).exists()):
        message = _("“%(link)s” is the address of a file: choose the document instead, with the button for documents.")
        raise ValidationError(message, code=HARMFUL_LINK, params={"link": value})


def safe_url(value: str) -> str:
    """Return the URL if it is safe to publish, otherwise ""."""
    return value if is_safe_link(value) else ""


def urls_in_html(html: str) -> list[str]:
    """Return all URLs in attributes of the HTML, with entities decoded, in document order."""
    reader = _URLReader()
    reader.feed(html)
    reader.close()
    return reader.found


def refuse_harmful_links(instance: Model) -> None:
    """Raise ValidationError with one error per field that contains a refused link."""
    errors: dict[str, ValidationError] = {}
    for field in instance._meta.concrete_fields:
        try:
            _validate_field(field, field.value_from_object(instance))
        except ValidationError as error:
            errors[field.name] = error
    if errors:
        raise ValidationError(errors)


class _URLReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if value and name.lower() in URL_ATTRIBUTES]


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
    for url in urls_in_html(html):
        validate_rich_text_link(url)


def _validate_block(block: blocks.Block, value: Any) -> None:
    match block:
        case blocks.RichTextBlock():
            _validate_html(value.source if value else "")
        case blocks.URLBlock():
            validate_web_url(value or "")
        case blocks.RawHTMLBlock():
            _validate_html(value or "")


def _leaves(block: blocks.Block, value: Any) -> Iterator[tuple[blocks.Block, Any]]:
    """Yield (block, value) for each innermost block of a StreamField value."""
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
