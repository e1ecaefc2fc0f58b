"""The log messages of each transition of a sharing."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import LogActionRegistry, LogFormatter

# Action, label in the filters, message of an entry.
ACTIONS: tuple[tuple[str, str | Promise, str | Promise], ...] = (
    ("sharing.propose", _("Sharing: propose"), _("Proposed to %(department)s")),
    ("sharing.accept", _("Sharing: accept"), _("%(department)s holds it together with its owner")),
    ("sharing.mirror", _("Sharing: mirror"), _("%(department)s took it as a live mirror")),
    ("sharing.copy", _("Sharing: copy"), _("%(department)s took it as an own copy")),
    ("sharing.decline", _("Sharing: decline"), _("%(department)s declined")),
    ("sharing.withdraw", _("Sharing: withdraw"), _("Withdrawn from %(department)s by its owner")),
    ("sharing.give_up", _("Sharing: give up"), _("%(department)s gave it up")),
    ("sharing.contact", _("Sharing: contact"), _("%(department)s changed the contact on its site")),
)


def register_actions(registry: LogActionRegistry) -> None:
    """Register the log actions of sharing; the hook `register_log_actions`."""
    for action, label, message in ACTIONS:
        registry.register_action(action)(_formatter(label, message))


def _formatter(label: str | Promise, message: str | Promise) -> type[LogFormatter]:
    """Return a formatter class whose message names the receiving department."""

    def format_message(self: LogFormatter, log_entry: Any) -> str:
        return str(message) % {"department": log_entry.data.get("department", "")}

    return type("SharingLogFormatter", (LogFormatter,), {"label": label, "format_message": format_message})
