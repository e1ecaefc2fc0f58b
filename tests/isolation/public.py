"""Requests of the matrix to public surfaces: APIs, files and the reader.

Published content of the other department may be read where it is published. Hidden content (drafts, private pages and
files) must not be readable, nor anything of the other department on the own host.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from .arguments import Nothing
from .endpoints import Endpoint, endpoints
from .fixture_data import HIDDEN, MARK
from .targets import Target

HOST_OF_ALL = "testserver"


def public_targets(fixture_data: Any, relation: str) -> Iterator[Target]:
    """Yield the targets outside the admin. Raise KeyError for a surface without an entry here."""
    side = {"other": fixture_data.theirs, "own": fixture_data.ours, "shared": None, "none": Nothing()}[relation]
    if side is None:
        return  # Organisations and people have no public URL.
    for endpoint in endpoints():
        if endpoint.surface not in ("admin", "preview"):
            yield from TARGETS[endpoint.surface](endpoint, side, fixture_data)


def _with(url: str, **query: Any) -> str:
    return f"{url}?{urlencode(query)}"


def _api(endpoint: Endpoint, side: Any, fixture_data: Any) -> Iterator[Target]:
    """Version 1 of the API returns all departments on any host."""
    if "content_id" in endpoint.parameters:
        for page in (side.page, side.draft, side.private):
            url = reverse(endpoint.name, args=[page.translation_key])
            yield Target(endpoint, url, mark=HIDDEN, hides=page is not side.page or isinstance(side, Nothing))
        return
    slugs = {"slug": side.department.slug} if "slug" in endpoint.parameters else {}
    url = reverse(endpoint.name, kwargs=slugs)
    yield Target(endpoint, url, mark=HIDDEN)
    if not endpoint.parameters:
        yield Target(endpoint, _with(url, department=side.department.slug), mark=HIDDEN)
        if endpoint.surface == "search":
            yield Target(endpoint, _with(url, q="draft"), mark=HIDDEN)
            yield Target(endpoint, _with(url, q="zq"), mark=HIDDEN)


def _v2(endpoint: Endpoint, side: Any, fixture_data: Any) -> Iterator[Target]:
    """Wagtail's API returns the department of the host."""
    kinds = {"pages": ("page", "draft", "private"), "images": ("image", "secret_image")}
    kinds["documents"] = ("document", "secret_document")
    kind = endpoint.namespace.rpartition(":")[2]
    things = [getattr(side, name) for name in kinds.get(kind, ())]
    for host in (fixture_data.ours.host, fixture_data.theirs.host):
        is_own = host == fixture_data.ours.host
        mark, hides = (MARK, side is not fixture_data.ours) if is_own else (HIDDEN, side is not fixture_data.theirs)
        if endpoint.parameters:
            for thing in things:
                url = reverse(endpoint.name, kwargs=dict.fromkeys(endpoint.parameters, thing.pk))
                is_hidden = hides or thing is not things[0]
                yield Target(endpoint, url, host=host, mark=mark, hides=is_hidden)
            continue
        url = reverse(endpoint.name)
        yield Target(endpoint, url, host=host, mark=mark)
        is_find = endpoint.name.endswith(":find")
        queries = [{"id": thing.pk} for thing in things] if is_find else [{"search": "draft"}]
        queries += _relatives(side) if kind == "pages" and not is_find else []
        for query in queries:
            yield Target(endpoint, _with(url, **query), "search" if "search" in query else "", host, mark)


def _relatives(side: Any) -> list[dict[str, Any]]:
    home = side.department.site.root_page_id
    below = [{name: home} for name in ("child_of", "descendant_of")]
    return [{"site": side.host}, *below, {"ancestor_of": side.draft.pk}, {"translation_of": side.page.pk}]


def _files(endpoint: Endpoint, side: Any, fixture_data: Any) -> Iterator[Target]:
    """Files have one URL on every host; files of a private collection are limited to their department."""
    if endpoint.name == "wagtaildocs_authenticate_with_password":
        yield Target(endpoint, reverse(endpoint.name, args=[side.restriction.pk]), mark=HIDDEN)
        return
    is_document = "docs" in endpoint.name
    for name in ("document", "secret_document") if is_document else ("image", "secret_image"):
        thing = getattr(side, name)
        # The page of the fixture data links to the document. Originals of images are for members.
        is_public = name == "document"
        hides = isinstance(side, Nothing) or (side is fixture_data.theirs and not is_public)
        arguments = [thing.token, thing.filename] if is_document else [thing.file.name]
        yield Target(endpoint, reverse(endpoint.name, args=list(map(str, arguments))), mark=HIDDEN, hides=hides)


def _reader(endpoint: Endpoint, side: Any, fixture_data: Any) -> Iterator[Target]:
    """The reader serves a department on its host, and below its slug on hosts without a department."""
    if "path" not in endpoint.parameters:
        yield Target(endpoint, reverse(endpoint.name, kwargs={"slug": side.department.slug}), mark=HIDDEN)
        return
    for host, base in (
        (fixture_data.ours.host, ""),
        (fixture_data.theirs.host, ""),
        (HOST_OF_ALL, f"{side.department.slug}/"),
    ):
        is_theirs = host == side.host or host == HOST_OF_ALL
        mark = MARK if host == fixture_data.ours.host else HIDDEN
        if endpoint.name.endswith(":sitemap"):
            yield Target(endpoint, f"/{base}sitemap.xml", host=host, mark=mark)
            continue
        for page in (side.page, side.draft, side.private):
            path = "fr/nothing/" if isinstance(page, Nothing) else page.url_path.split("/", 2)[2]
            yield Target(endpoint, f"/{base}{path}", host=host, mark=mark, hides=page is not side.page or not is_theirs)


def _guests(endpoint: Endpoint, side: Any, fixture_data: Any) -> Iterator[Target]:
    """Yield guest links. Any holder may use one, nobody else has it, and one that does not work names nothing."""
    yield Target(endpoint, reverse(endpoint.name, args=[str(side.ended_guest_token)]), hides=True)
    if side is fixture_data.ours:
        yield Target(endpoint, reverse(endpoint.name, args=[side.guest_token]))


TARGETS: dict[str, Callable[[Endpoint, Any, Any], Iterator[Target]]] = {
    "api": _api,
    "search": _api,
    "v2": _v2,
    "files": _files,
    "guests": _guests,
    "reader": _reader,
}
