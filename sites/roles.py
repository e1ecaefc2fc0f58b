"""What each role may do in its own department: the one table from which groups are made.

Wagtail's global model permissions (users, groups, sites, workflows, redirects, locales, snippets, tokens) are
never in it: Wagtail does not confine them to a department.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MEDIA_TYPES = ("wagtailimages.image", "wagtaildocs.document")


@dataclass(frozen=True)
class Role:
    """A role; `page_permissions` hold on the container, or on one locale's home when `for_each_locale`.

    `media_permissions` are verbs (add, change, choose) on images and documents of the department's collection.
    """

    key: str
    label: str | Promise
    page_permissions: tuple[str, ...]
    media_permissions: tuple[str, ...] = ()
    for_each_locale: bool = False


ROLES = (
    Role("editor", _("editor"), ("add", "change"), ("add", "change", "choose")),
    Role(
        "publisher",
        _("publisher"),
        ("add", "change", "publish", "lock", "unlock"),
        ("add", "change", "choose"),
    ),
    Role("translator", _("translator"), ("change",), ("choose",), for_each_locale=True),
)


def group_name(department_slug: str, role: Role, language_code: str = "") -> str:
    """Return the name of a role's group: `allier:editor`, `isere:translator:it`."""
    return ":".join(part for part in (department_slug, role.key, language_code) if part)
