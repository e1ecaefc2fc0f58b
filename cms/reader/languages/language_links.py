"""Links between the languages of a page: `hreflang` for search engines, and the offer of the visitor's own language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import translation
from django.utils.translation import gettext

# `hreflang` of the URL for visitors whose language no other URL has.
DEFAULT = "x-default"


def hreflang_links(urls: Mapping[str, str], source_language: str) -> list[tuple[str, str]]:
    """Return (`hreflang`, URL) for the public languages of a content, [] if there is only one.

    `urls` are the canonical URLs by language, that of the page itself included. All pages of a content get the same
    links, whichever of them asks: search engines ignore links that are not returned. `x-default` is the page in the
    department's source language, else in the first language by code.
    """
    if len(urls) < 2:
        return []
    default = urls.get(source_language) or urls[min(urls)]
    return [*sorted(urls.items()), (DEFAULT, default)]


def document_links(document: Mapping[str, Any], canonical: str, source_language: str) -> list[tuple[str, str]]:
    """Return the `hreflang_links` of a document; [] for a page that is not its own canonical page.

    Such are the second page of a list, and the copy of another department's content. The site of a department that only
    shows a document has no links either.
    """
    if canonical != document["url"]:
        return []
    urls = {document["locale"]: document["url"], **{each["locale"]: each["url"] for each in document["alternates"]}}
    return hreflang_links(urls, source_language)


def language_offers(languages: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return the locale, the URL and a text in that language for each other language of the language switch."""
    offers = []
    for language in languages:
        if not language["is_current"]:
            with translation.override(language["locale"]):
                # Translators: name the language of the translation instead of English: « en français », “in italiano”.
                text = gettext("This page exists in English.")
            offers.append({"locale": language["locale"], "url": language["url"], "text": text})
    return offers
