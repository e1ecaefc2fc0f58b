"""Planned placements of a document: on its owner's site and on the sites of departments that co-hold or mirror it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from sites.models import Department, Sharing

from .models import Placement, PublishedDocument


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


def path_on_other_site(receiver: Department, path: str, owner: Department, document: PublishedDocument | None) -> str:
    """Return the path of a shared document on the receiver's site.

    It is the owner's path, or that path with the owner's slug appended where another document of the site has it.
    `document` is the stored document, if there is one. One query.
    """
    conflicting = Placement.objects.filter(department=receiver, path=path)
    if document is not None:
        conflicting = conflicting.exclude(document_id=document.pk)
    return f"{path.rstrip('/')}-{owner.slug}/" if conflicting.exists() else path
