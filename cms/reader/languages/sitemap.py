"""The sitemap of a department's site (sitemaps.org), with the languages of each page."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from urllib.parse import urljoin

from django.template.loader import render_to_string

from cms.delivery.models import PublishedDocument
from cms.reader.site_documents import rows_with_json
from cms.reader.site_resolution import ResolvedSite

from .language_links import hreflang_links

# The protocol allows no more in one file.
MAX_URLS = 50_000


def render_sitemap(site: ResolvedSite) -> str:
    """Return the sitemap: the department's own public pages, without its copies of pages of other departments.

    One query. Pages that other departments share have their canonical URL on the sites of these.
    """
    documents = PublishedDocument.objects.public().filter(department=site.department)
    columns = ("content_id", "locale", "path", "type", "changed_at")
    rows = rows_with_json(documents.order_by("path"), columns, {"canonical": ("origin", "url")})
    contents: defaultdict[Any, dict[str, str]] = defaultdict(dict)
    for _pk, content_id, locale, path, *_rest in rows:
        contents[content_id][locale] = urljoin(site.department.site.root_url, path)
    pages = [
        {
            "url": contents[content_id][locale],
            "changed_at": changed_at,
            "links": hreflang_links(contents[content_id], site.source_language, is_home=type_ == "home"),
        }
        for _pk, content_id, locale, _path, type_, changed_at, canonical in rows
        if not canonical
    ]
    return render_to_string("reader/sitemap.xml", {"pages": pages[:MAX_URLS]})
