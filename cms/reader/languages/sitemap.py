"""The sitemap of a department's site (sitemaps.org) with the languages of each page: a file, or an index of files."""

from __future__ import annotations

import zlib
from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from django.core.cache import cache
from django.db.models import CharField, Count, Max, Min, QuerySet, Subquery
from django.db.models.functions import Cast
from django.template.loader import render_to_string

from cms.delivery.models import FeedCounter, PublishedDocument
from cms.delivery.models.stored_json import list_value
from cms.reader.site_resolution import ResolvedSite

from .language_links import hreflang_links

# URLs in one file. The protocol allows 50,000; one file is rendered in one request.
MAX_URLS = 1_000
# A day: the state is compared at each request, so the time only ends the storage of sites that nobody asks for.
CACHE_SECONDS = 24 * 60 * 60


@dataclass(frozen=True)
class SitemapState:
    """The state of a site's documents: two sitemaps with equal states have equal bytes.

    Every change of a document gives it a higher sequence number within the epoch of the feed, every withdrawal and
    expiry lowers the number of documents.
    """

    documents: int
    newest: int | None
    next_expiry: str
    epoch: str | None
    root_url: str
    source_language: str

    @property
    def files(self) -> int:
        """The number of files, at least 1."""
        return max(1, -(-self.documents // MAX_URLS))


def sitemap_state(site: ResolvedSite) -> SitemapState:
    """Return the state of a site's documents. One query, which an index answers."""
    epoch = Subquery(FeedCounter.objects.filter(pk=1).values("epoch"))
    found = _documents(site).aggregate(
        documents=Count("*"),
        newest=Max("sequence"),
        next_expiry=Min("expires_at"),
        epoch=Max(Cast(epoch, CharField())),
    )
    return SitemapState(
        **found | {"next_expiry": str(found["next_expiry"])},
        root_url=site.department.site.root_url,
        source_language=site.source_language,
    )


def sitemap_file(site: ResolvedSite, state: SitemapState, number: int | None) -> bytes:
    """Return a file of the sitemap, from 1; for None the only file, or the index of several.

    The bytes are kept until the state differs. Rendering takes two queries for a file and none for the index.
    """
    key = f"sitemap:{site.department.pk}:{number}"
    kept_state, compressed = cache.get(key) or (None, b"")
    if kept_state == state:
        return zlib.decompress(compressed)
    if number is None and state.files > 1:
        urls = [urljoin(state.root_url, f"/sitemap.xml?page={each + 1}") for each in range(state.files)]
        xml = render_to_string("reader/sitemap_index.xml", {"urls": urls})
    else:
        xml = render_to_string("reader/sitemap.xml", {"pages": _pages(site, number or 1)})
    content = xml.encode()
    cache.set(key, (state, zlib.compress(content)), CACHE_SECONDS)
    return content


def _documents(site: ResolvedSite) -> QuerySet[PublishedDocument]:
    return PublishedDocument.objects.public().filter(department=site.department)


def _pages(site: ResolvedSite, number: int) -> list[dict[str, Any]]:
    """Return the entries of a file: the department's own public pages, without its copies of pages of others.

    Two queries. Pages that other departments share have their canonical URL on the sites of these.
    """
    in_file = _documents(site).order_by("path", "pk").values("pk")[(number - 1) * MAX_URLS : number * MAX_URLS]
    columns = ("content_id", "locale", "path", "changed_at", "list_values")
    rows = list(_documents(site).filter(pk__in=in_file).order_by("path", "pk").values_list(*columns))
    contents: defaultdict[Any, dict[str, str]] = defaultdict(dict)
    versions = _documents(site).filter(content_id__in={row[0] for row in rows})
    for content_id, locale, path in versions.values_list("content_id", "locale", "path"):
        contents[content_id][locale] = urljoin(site.department.site.root_url, path)
    return [
        {
            "url": urljoin(site.department.site.root_url, path),
            "changed_at": changed_at,
            "links": hreflang_links(contents[content_id], site.source_language),
        }
        for content_id, _locale, path, changed_at, values in rows
        if not list_value(values, "canonical")
    ]
