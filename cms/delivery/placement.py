"""Where a document stands: its owner's site, and the sites of departments that hold or mirror it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from sites.models import Department, Sharing

from .models import Placement, PublishedDocument


@dataclass(frozen=True)
class PlannedPlacement:
    """A document on one department's site, at a path there; `sharing` lets it stand there, None for the owner."""

    department: Department
    path: str
    sharing: Sharing | None = None

    @property
    def is_owner(self) -> bool:
        return self.sharing is None

    @property
    def relation(self) -> str:
        """`owner`, `co_holder` or `mirror`, as the document says it."""
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
        """Return whom to ask on this site; None for a mirror, about which its owner is asked."""
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


def path_on_other_site(guest: Department, path: str, owner: Department, document: PublishedDocument | None) -> str:
    """Return the path of another's document on a guest's site: the owner's, or a different one where it is taken.

    `document` is what is stored of the document now, if anything.
    """
    taken = Placement.objects.filter(department=guest, path=path)
    if document is not None:
        taken = taken.exclude(document_id=document.pk)
    return f"{path.rstrip('/')}-{owner.slug}/" if taken.exists() else path
