"""Planned placements of a document: on its owner's site and on the sites of departments that co-hold or mirror it."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin
from uuid import UUID

from django.db.models import F

from cms.delivery.models import Placement
from sites.models import Department, Sharing

# Content and locale of a document.
Claim = tuple[UUID, str]
# Id of a department and a path on its site.
SitePath = tuple[int, str]


@dataclass(frozen=True)
class PlannedPlacement:
    """A placement that a document should have: a department, a path on its site, and the sharing that permits it.

    `sharing` is None for the owner.
    """

    department: Department
    path: str
    sharing: Sharing | None = None

    @property
    def is_owner(self) -> bool:
        return self.sharing is None

    @property
    def relation(self) -> str:
        """`relation` of a Holder in docs/document.md: `owner`, `co_holder` or `mirror`."""
        if self.sharing is None:
            return "owner"
        return "co_holder" if self.sharing.kind == Sharing.Kind.CO_HOLDING else "mirror"

    def holder(self) -> dict[str, Any]:
        """Return the Holder of docs/document.md."""
        return {
            "department": self.department.slug,
            "name": self.department.name,
            "relation": self.relation,
            "url": urljoin(self.department.site.root_url + "/", self.path),
            "contact": self._contact(),
        }

    def _contact(self) -> dict[str, str] | None:
        """Return the contact shown on this site; None for a mirror, whose contact is its owner's."""
        sharing, department = self.sharing, self.department
        if self.relation == "mirror":
            return None
        if sharing is not None and (sharing.contact_email or sharing.contact_phone):
            return {
                "name": sharing.contact_name or department.name,
                "role": sharing.contact_role,
                "email": sharing.contact_email,
                "phone": sharing.contact_phone,
            }
        return {
            "name": department.name,
            "role": "",
            "email": department.contact_email,
            "phone": department.contact_phone,
        }


class PathClaims:
    """The paths that documents have, or get in this batch, on the sites of departments that show shared documents.

    The path of a shared document on a receiver's site is its owner's path. Where another document of the site has that
    path, the owner's slug is appended, and a number if that path is taken too.
    """

    def __init__(self, wanted: set[tuple[int, str]]) -> None:
        """Load the documents at the wanted paths (id of the department, path). One query, none without such paths."""
        self._claims: dict[tuple[int, str], set[Claim]] = defaultdict(set)
        self._loaded = set(wanted)
        if wanted:
            self._load({department_id for department_id, _path in wanted}, {path for _id, path in wanted})

    def free_path(self, receiver: Department, path: str, owner: Department, claim: Claim) -> str:
        """Return the path of a shared document on the receiver's site, and claim it.

        Each path that is taken costs one query, unless it is the owner's.
        """
        for candidate in self._candidates(path, owner.slug):
            key = (receiver.pk, candidate)
            if key not in self._loaded:
                self._load({receiver.pk}, {candidate})
                self._loaded.add(key)
            if not self._claims[key] - {claim}:
                self._claims[key].add(claim)
                return candidate
        raise AssertionError("the candidates are endless")

    @staticmethod
    def _candidates(path: str, slug: str) -> Iterator[str]:
        stem = path.rstrip("/")
        yield path
        yield f"{stem}-{slug}/"
        yield from (f"{stem}-{slug}-{number}/" for number in itertools.count(2))

    def _load(self, department_ids: set[int], paths: set[str]) -> None:
        rows = Placement.objects.filter(department_id__in=department_ids, path__in=paths)
        for department_id, path, content_id, locale in rows.values_list(
            "department_id", "path", "document__content_id", "document__locale"
        ):
            self._claims[department_id, path].add((content_id, locale))


def shared_documents_that_move(taken: set[SitePath], released: set[SitePath]) -> set[int]:
    """Return the pages of shared documents whose path on a receiver's site may change.

    A department's own page takes precedence on its site: a shared document leaves a path that is taken. Shared
    documents whose path has a suffix may get a path that is released. `taken` and `released` are (id of the department,
    path). At most two queries.
    """
    page_ids: set[int] = set()
    shared = Placement.objects.filter(is_canonical=False).order_by()
    if taken:
        rows = shared.filter(department_id__in=_departments(taken), path__in=_paths(taken))
        columns = rows.values_list("department_id", "path", "document__page_id")
        page_ids |= {page_id for department_id, path, page_id in columns if (department_id, path) in taken}
    if released:
        wanted = {(department_id, stem) for department_id, path in released for stem in _stems(path)}
        suffixed = shared.filter(department_id__in=_departments(wanted), document__path__in=_paths(wanted))
        columns = suffixed.exclude(path=F("document__path")).values_list(
            "department_id", "document__path", "document__page_id"
        )
        page_ids |= {page_id for department_id, path, page_id in columns if (department_id, path) in wanted}
    return page_ids


def _stems(path: str) -> set[str]:
    """Return the path, and the paths of which it may be the one with a suffix."""
    folder, _slash, name = path.rstrip("/").rpartition("/")
    words = name.split("-")
    return {f"{folder}/{'-'.join(words[:end])}/" for end in range(1, len(words) + 1)}


def _departments(site_paths: set[SitePath]) -> set[int]:
    return {department_id for department_id, _path in site_paths}


def _paths(site_paths: set[SitePath]) -> set[str]:
    return {path for _department_id, path in site_paths}
