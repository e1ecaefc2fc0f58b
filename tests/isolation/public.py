"""What the matrix asks of the APIs, the files and the reader, which answer to anybody: published content, no more.

The other department's published content may be read where it is published; what must not be is hidden content
(drafts, private pages and files), and on the own host, anything of the other department.
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
    """Yield what to ask of the surfaces beside the admin; raises KeyError for one that has no entry here."""
    side = {"other": fixture_data.theirs, "own": fixture_data.ours, "shared": None, "none": Nothing()}[relation]
    if side is None:
        return  # Organisations and people have no public address of their own.
    for endpoint in endpoints():
        if endpoint.surface not in ("admin", "preview"):
            yield from TARGETS[endpoint.surface](endpoint, side, fixture_data)


def _with(address: str, **query: Any) -> str:
    return f"{address}?{urlencode(query)}"


def _api(endpoint: Endpoint, side: Any, fixture_data: Any) -> Iterator[Target]:
    """Version 1 answers for all departments at one address."""
    if "content_id" in endpoint.parameters:
        for page in (side.page, side.draft, side.private):
            address = reverse(endpoint.name, args=[page.translation_key])
            yield Target(endpoint, address, mark=HIDDEN, hides=page is not side.page or isinstance(side, Nothing))
        return
    slugs = {"slug": side.department.slug} if "slug" in endpoint.parameters else {}
    address = reverse(endpoint.name, kwargs=slugs)
    yield Target(endpoint, address, mark=HIDDEN)
    if not endpoint.parameters:
        yield Target(endpoint, _with(address, department=side.department.slug), mark=HIDDEN)
        if endpoint.surface == "search":
            yield Target(endpoint, _with(address, q="draft"), mark=HIDDEN)
            yield Target(endpoint, _with(address, q="zq"), mark=HIDDEN)


def _v2(endpoint: Endpoint, side: Any, fixture_data: Any) -> Iterator[Target]:
    """Wagtail's API answers for the department whose host is asked."""
    kinds = {"pages": ("page", "draft", "private"), "images": ("image", "secret_image")}
    kinds["documents"] = ("document", "secret_document")
    kind = endpoint.namespace.rpartition(":")[2]
    things = [getattr(side, name) for name in kinds.get(kind, ())]
    for host in (fixture_data.ours.host, fixture_data.theirs.host):
        is_own = host == fixture_data.ours.host
        mark, hides = (MARK, side is not fixture_data.ours) if is_own else (HIDDEN, side is not fixture_data.theirs)
        if endpoint.parameters:
            for thing in things:
                address = reverse(endpoint.name, kwargs=dict.fromkeys(endpoint.parameters, thing.pk))
                is_hidden = hides or thing is not things[0]
                yield Target(endpoint, address, host=host, mark=mark, hides=is_hidden)
            continue
        address = reverse(endpoint.name)
        yield Target(endpoint, address, host=host, mark=mark)
        is_find = endpoint.name.endswith(":find")
        queries = [{"id": thing.pk} for thing in things] if is_find else [{"search": "draft"}]
        queries += _relatives(side) if kind == "pages" and not is_find else []
        for query in queries:
            yield Target(endpoint, _with(address, **query), "search" if "search" in query else "", host, mark)


def _relatives(side: Any) -> list[dict[str, Any]]:
    home = side.department.site.root_page_id
    below = [{name: home} for name in ("child_of", "descendant_of")]
    return [{"site": side.host}, *below, {"ancestor_of": side.draft.pk}, {"translation_of": side.page.pk}]


def _files(endpoint: Endpoint, side: Any, fixture_data: Any) -> Iterator[Target]:
    """Files stand at one address on every host; those of a private collection are their department's only."""
    if endpoint.name == "wagtaildocs_authenticate_with_password":
        yield Target(endpoint, reverse(endpoint.name, args=[side.restriction.pk]), mark=HIDDEN)
        return
    for name in ("document", "secret_document") if "docs" in endpoint.name else ("image", "secret_image"):
        thing = getattr(side, name)
        hides = isinstance(side, Nothing) or (side is fixture_data.theirs and name.startswith("secret"))
        is_document = "docs" in endpoint.name
        arguments = [thing.pk, thing.filename] if is_document else [thing.file.name]
        yield Target(endpoint, reverse(endpoint.name, args=list(map(str, arguments))), mark=HIDDEN, hides=hides)


def _reader(endpoint: Endpoint, side: Any, fixture_data: Any) -> Iterator[Target]:
    """The reader answers on the host of each department, and below its slug on the hosts of none."""
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
        for page in (side.page, side.draft, side.private):
            path = "fr/nothing/" if isinstance(page, Nothing) else page.url_path.split("/", 2)[2]
            yield Target(endpoint, f"/{base}{path}", host=host, mark=mark, hides=page is not side.page or not is_theirs)


TARGETS: dict[str, Callable[[Endpoint, Any, Any], Iterator[Target]]] = {
    "api": _api,
    "search": _api,
    "v2": _v2,
    "files": _files,
    "reader": _reader,
}
