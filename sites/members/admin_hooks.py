"""Hooks of the screens of members: URLs, menu entry and log messages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.coreutils import get_content_languages
from wagtail.log_actions import LogActionRegistry, LogFormatter

from sites.access.capabilities import has_capability
from sites.access.querysets import viewable_by
from sites.models import Invitation
from sites.people.personal_names import name_of_account
from sites.people.request_context import current_request
from sites.roles import ROLES_BY_KEY, Capability

from .views import ICON


@hooks.register("register_admin_urls")
def team_urls() -> list[URLPattern | URLResolver]:
    return [path("team/", include("sites.members.urls"))]


class TeamMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return has_capability(request.user, Capability.ACCOUNTS)


@hooks.register("register_admin_menu_item")
def team_menu_item() -> MenuItem:
    return TeamMenuItem(gettext_lazy("Team"), reverse("team:index"), name="team", icon_name=ICON, order=600)


class PersonFormatter(LogFormatter):
    """Formats a log entry with the data that `sites.members.membership` stored in it."""

    sentence: Any = ""

    def format_message(self, log_entry: Any) -> str:
        data = log_entry.data
        values = {key: ", ".join(map(role_title, data.get(key) or [])) or "–" for key in ("before", "roles")}
        return str(self.sentence) % (values | {"person": _person(data)})


def _person(data: dict[str, Any]) -> str:
    """Return the name of the account, or the address of the invitation, that an entry refers to."""
    if "account" in data:
        return name_of_account(data["account"])
    return _invited_addresses().get(data.get("invitation")) or _("a deleted invitation")


def _invited_addresses() -> dict[Any, str]:
    """Return the addresses of the invitations that the user may read, by key: one query for all entries of a list."""
    request = current_request()
    if request is None or not request.user.is_authenticated:
        return dict(Invitation.objects.values_list("pk", "email"))
    user: Any = request.user
    known: dict[Any, str] | None = getattr(user, "_invited_addresses", None)
    if known is None:
        known = dict(viewable_by(Invitation.objects.all(), user).values_list("pk", "email"))
        user._invited_addresses = known
    return known


def role_title(key: str) -> str:
    """Return the name of a role from its key in the log, such as `translator:it`; the key itself of an unknown role."""
    name, _colon, language = key.partition(":")
    role = ROLES_BY_KEY.get(name)
    title = capfirst(str(role.label)) if role else name
    return f"{title} ({get_content_languages().get(language, language)})" if language else title


SENTENCES = {
    "invite": (gettext_lazy("Invite"), gettext_lazy("Invited %(person)s: %(roles)s")),
    "revoke_invitation": (gettext_lazy("Revoke an invitation"), gettext_lazy("Revoked the invitation of %(person)s")),
    "accept_invitation": (
        gettext_lazy("Accept an invitation"),
        gettext_lazy("%(person)s accepted the invitation: %(roles)s"),
    ),
    "change_roles": (
        gettext_lazy("Change roles"),
        gettext_lazy("Changed the roles of %(person)s from %(before)s to %(roles)s"),
    ),
    "remove_member": (
        gettext_lazy("Remove from the department"),
        gettext_lazy("Removed %(person)s from the department (until then: %(before)s)"),
    ),
    "close_account": (gettext_lazy("Close an account"), gettext_lazy("Asked to close the account of %(person)s")),
}


@hooks.register("register_log_actions")
def log_actions(actions: LogActionRegistry) -> None:
    for action, (label, sentence) in SENTENCES.items():
        formatter = type("TeamFormatter", (PersonFormatter,), {"label": label, "sentence": sentence})
        actions.register_action(f"cms_sites.{action}")(formatter)
