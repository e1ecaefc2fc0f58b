"""Rewriting of URLs in a document for the site that a request addresses.

Documents have absolute URLs of the canonical sites. Pages are linked under the path prefix, host, port and scheme of
the request; files are linked by their path, on the host of the request.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from sites.models import Department

from .site_resolution import ResolvedSite

# nh3 writes attributes with double quotes; only these two have URLs as values.
_URL_ATTRIBUTE = re.compile(r'(?<=\s)(href|src)="([^"]*)"')


class UrlRewriter:
    """A rewriter of the URLs of known sites; it returns other URLs unchanged.

    `base_urls` maps the root URL of a site (`https://host`, without final slash) to the prefix of its pages' URLs.
    Paths that start with a language code are pages; other paths are files, which every host serves.
    """

    def __init__(self, base_urls: Mapping[str, str]) -> None:
        self._base_urls = base_urls
        self._languages = frozenset(code for code, _name in settings.WAGTAIL_CONTENT_LANGUAGES)

    def rewrite_url(self, url: str) -> str:
        """Return a URL, rewritten if it belongs to a known site.

        Any text of a document may start as a URL does and be none, such as `http://[`.
        """
        try:
            parts = urlsplit(url)
        except ValueError:
            return url
        root = f"{parts.scheme}://{parts.netloc}"
        if root not in self._base_urls:
            return url
        path = url[len(root) :]
        first_component = parts.path.strip("/").partition("/")[0]
        is_page = first_component == "" or first_component in self._languages
        return self._base_urls[root] + (path or "/") if is_page else path

    def rewrite_html(self, html: str) -> str:
        """Return HTML with the URLs in its `href` and `src` attributes rewritten."""
        return _URL_ATTRIBUTE.sub(lambda match: f'{match[1]}="{self.rewrite_url(match[2])}"', html)

    def rewrite_document(self, value: Any) -> Any:
        """Return a copy of any part of a document with its URLs rewritten."""
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
    """Return the rewriter for a site. Pages of `owner`, if it is another department, keep their canonical URLs."""
    if site.base_url.startswith("/"):
        return _prefix_rewriter()
    base_urls = {site.department.site.root_url: site.base_url}
    if owner is not None and owner != site.department:
        base_urls[owner.site.root_url] = owner.site.root_url
    return UrlRewriter(base_urls)


def portal_url_rewriter() -> UrlRewriter:
    """Return the rewriter for the portal. Pages keep their canonical URLs without the setting READER_PATH_PREFIX."""
    return _prefix_rewriter() if settings.READER_PATH_PREFIX else UrlRewriter({})


def _prefix_rewriter() -> UrlRewriter:
    """Return the rewriter that links the pages of each department under its path prefix."""
    departments = Department.objects.select_related("site").only("slug", "site__hostname", "site__port")
    return UrlRewriter({department.site.root_url: f"/{department.slug}" for department in departments})
