"""Addresses in a document, rewritten to the way the reader came.

Documents hold absolute addresses of each department's canonical site. A reader who came by a prefix, or to a host that
answers on another port or scheme, stays on that way; files are asked from the host that the reader is on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from sites.models import Department

from .site_resolution import ResolvedSite

# nh3 writes attributes with double quotes; only the values of these two are addresses.
_ADDRESS_ATTRIBUTE = re.compile(r'(?<=\s)(href|src)="([^"]*)"')


class UrlRewriter:
    """Rewrites addresses of known sites; every other address stays as it is.

    `bases` gives, for the canonical address of a site (`https://host`, no final slash), what its pages' addresses
    start with instead. Pages are the paths that start with a language; the rest is files, which every host serves.
    """

    def __init__(self, bases: Mapping[str, str]) -> None:
        self._bases = bases
        self._languages = frozenset(code for code, _name in settings.WAGTAIL_CONTENT_LANGUAGES)

    def rewrite_url(self, url: str) -> str:
        """Return one URL, rewritten if it leads to a known site."""
        parts = urlsplit(url)
        root = f"{parts.scheme}://{parts.netloc}"
        if root not in self._bases:
            return url
        path = url[len(root) :]
        first_component = parts.path.strip("/").partition("/")[0]
        is_page = first_component == "" or first_component in self._languages
        return self._bases[root] + (path or "/") if is_page else path

    def rewrite_html(self, html: str) -> str:
        """Return HTML with the addresses in its `href` and `src` attributes rewritten; its text stays as it is."""
        return _ADDRESS_ATTRIBUTE.sub(lambda match: f'{match[1]}="{self.rewrite_url(match[2])}"', html)

    def rewrite_document(self, value: Any) -> Any:
        """Return any part of a document, with the addresses in it rewritten."""
        match value:
            case dict():
                return {key: self.rewrite_document(part) for key, part in value.items()}
            case list():
                return [self.rewrite_document(part) for part in value]
            case str() if value.startswith(("http://", "https://")) and " " not in value:
                return self.rewrite_url(value)
            case str() if "<a " in value:
                return self.rewrite_html(value)
        return value


def url_rewriter_for(site: ResolvedSite, owner: Department | None = None) -> UrlRewriter:
    """Return the rewriting for a way of arriving; `owner` holds the document, if that is another department."""
    if site.base_url.startswith("/"):
        everyone = Department.objects.select_related("site").only("slug", "site__hostname", "site__port")
        return UrlRewriter({department.site.root_url: f"/{department.slug}" for department in everyone})
    bases = {site.department.site.root_url: site.base_url}
    if owner is not None and owner != site.department:
        bases[owner.site.root_url] = owner.site.root_url
    return UrlRewriter(bases)
