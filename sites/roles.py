"""The table of roles: the permissions and capabilities of each role in its department.

Provisioning creates the groups from it, and access control reads it. It contains none of Wagtail's global model
permissions (users, groups, sites, workflows, redirects, locales, snippets, tokens), because Wagtail does not limit
them to a department. Capabilities take their place; our own screens check them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MEDIA_TYPES = ("wagtailimages.image", "wagtaildocs.document")


class Capability(Enum):
    """Work for which Wagtail has no permission within one department. Each capability has its own screens."""

    ACCOUNTS = "invites people to the department, gives them roles and takes them away"
    SETTINGS = "edits the department's contact and appearance"
    WORKFLOWS = "decides who approves pages before publication"
    PRIVACY = "restricts who may read pages and files"
    REDIRECTS = "redirects old addresses of the department's site"
    SHARING = "invites other departments to hold content, offers it to them, accepts and withdraws"
    TRANSLATION = "sends pages to translation and brings translations up to date"
    SNIPPETS = "writes the department's videos, consents, organisations and people"
    PAGES = "copies, moves and deletes pages, and goes back to earlier versions"
    DRAFTS = "reads what is not published"
    AUDIT = "reads and downloads the audit log of the department"
    REPORTS = "reads the reports about the department"
    SEARCH = "decides what the search of the department's site shows first"


@dataclass(frozen=True)
class Role:
    """A role. `page_permissions` apply to the container, or to the home of one locale if `for_each_locale` is set.

    `media_permissions` (add, change, choose) apply to images and documents of the department's collection,
    `collection_permissions` (add, change, delete) to the collections below it.
    """

    key: str
    label: str | Promise
    page_permissions: tuple[str, ...] = ()
    media_permissions: tuple[str, ...] = ()
    collection_permissions: tuple[str, ...] = ()
    capabilities: frozenset[Capability] = frozenset()
    for_each_locale: bool = False


PUBLISHING = ("add", "change", "publish", "lock", "unlock", "bulk_delete")
MEDIA = ("add", "change", "choose")
COLLECTIONS = ("add", "change", "delete")

ROLES = (
    Role("administrator", _("department administrator"), PUBLISHING, MEDIA, COLLECTIONS, frozenset(Capability)),
    Role(
        "publisher",
        _("publisher"),
        PUBLISHING,
        MEDIA,
        capabilities=frozenset(
            {
                Capability.PRIVACY,
                Capability.REDIRECTS,
                Capability.SHARING,
                Capability.TRANSLATION,
                Capability.SNIPPETS,
                Capability.PAGES,
                Capability.DRAFTS,
                Capability.REPORTS,
                Capability.SEARCH,
            }
        ),
    ),
    Role(
        "editor",
        _("editor"),
        ("add", "change"),
        MEDIA,
        capabilities=frozenset(
            {Capability.TRANSLATION, Capability.SNIPPETS, Capability.PAGES, Capability.DRAFTS, Capability.REPORTS}
        ),
    ),
    Role(
        "media_manager",
        _("media manager"),
        (),
        MEDIA,
        COLLECTIONS,
        frozenset({Capability.SNIPPETS, Capability.REPORTS}),
    ),
    # Partners have one group for each language of the department.
    Role("translator", _("translator"), ("change",), ("choose",), for_each_locale=True),
    Role("reviewer", _("reviewer"), ("change", "publish"), ("choose",), for_each_locale=True),
    # Wagtail shows the explorer to users with any page permission; this one allows nothing else.
    Role("reader", _("reader of drafts"), ("view",), capabilities=frozenset({Capability.DRAFTS})),
)

ROLES_BY_KEY = {role.key: role for role in ROLES}


def group_name(department_slug: str, role: Role, language_code: str = "") -> str:
    """Return the name of a role's group: `allier:editor`, `isere:translator:it`."""
    return ":".join(part for part in (department_slug, role.key, language_code) if part)
