"""The steps of sharing: propose, accept, decline, withdraw, give up. The only module that changes a `Sharing`.

Each step checks that it may follow the state before, and leaves two log entries: one on the sharing, which both
departments read, and one in the page's history, which the owner reads and which names nobody of the other department.
Run inside a transaction. Whether the user may act for a department is asked by the screens.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import LogContext, log
from wagtail.models import Page

from sites.access.ownership import department_of_page
from sites.models import Department, Sharing

from .notifications import notify_publishers
from .shared_content import is_private, page_of_sharing

State = Sharing.State
CONTACT_FIELDS = ("contact_name", "contact_role", "contact_email", "contact_phone")
ANSWERABLE_STATES = (State.PROPOSED, State.DECLINED, State.GIVEN_UP)
"""States in which the other department may accept: no and yes can be changed as long as the proposal stands."""


def is_shareable(page: Page) -> bool:
    """Whether pages of this type are shared at all: a home or a section belongs to one site only."""
    return bool(getattr(page.specific_class, "may_be_shared", False))


@transaction.atomic
def propose(page: Page, department: Department, kind: str, user: Any = None) -> Sharing:
    """Invite a department to hold a page's content together with its owner, or offer it the content.

    Raises ValidationError for a page that cannot be shared, a private one, the owner itself and a department with
    which the content is shared already.
    """
    owner = department_of_page(page)
    if owner is None or not is_shareable(page):
        raise ValidationError(_("This page cannot be shared."))
    if is_private(page):
        raise ValidationError(_("This page is private: make it public before you share it."))
    if owner == department:
        raise ValidationError(_("A department cannot share with itself."))
    sharing, is_new = Sharing.objects.select_for_update().get_or_create(
        content_key=page.translation_key, department=department, defaults={"owner": owner, "kind": kind}
    )
    if not is_new and sharing.owner_id == owner.pk and sharing.state in (State.PROPOSED, State.ACCEPTED):
        raise ValidationError(_("It is shared with %(department)s already.") % {"department": department.name})
    sharing.owner, sharing.kind, sharing.state, sharing.taken_as = owner, kind, State.PROPOSED, ""
    sharing.proposed_at, sharing.accepted_at = timezone.now(), None
    for name in CONTACT_FIELDS:
        setattr(sharing, name, "")
    sharing.save()
    _log(sharing, "sharing.propose", user, by_owner=True)
    transaction.on_commit(lambda: notify_publishers.enqueue(sharing.pk))
    return sharing


@transaction.atomic
def accept(sharing: Sharing, taken_as: str = "", contact: Mapping[str, str] | None = None, user: Any = None) -> Sharing:
    """Accept an invitation, or take an offer as a `Sharing.Taken`; raises ValidationError when it cannot be.

    `contact` gives the fields of CONTACT_FIELDS that the second department's site shows instead of its own contact.
    """
    sharing = _locked(sharing, ANSWERABLE_STATES)
    if (sharing.kind == Sharing.Kind.OFFER) != (taken_as in Sharing.Taken.values):
        raise ValidationError(_("An offer is taken as a mirror or as a copy; an invitation is accepted."))
    sharing.state, sharing.taken_as, sharing.accepted_at = State.ACCEPTED, taken_as, timezone.now()
    _set_contact(sharing, contact or {})
    sharing.save()
    _log(sharing, f"sharing.{taken_as or 'accept'}", user)
    return sharing


@transaction.atomic
def change_contact(sharing: Sharing, contact: Mapping[str, str], user: Any = None) -> Sharing:
    """Change the contact that the second department's site shows; raises ValidationError unless it is accepted."""
    sharing = _locked(sharing, (State.ACCEPTED,))
    _set_contact(sharing, contact)
    sharing.save()
    _log(sharing, "sharing.contact", user)
    return sharing


@transaction.atomic
def decline(sharing: Sharing, user: Any = None) -> Sharing:
    """Answer a proposal with no; raises ValidationError when it does not wait for an answer."""
    return _end(sharing, (State.PROPOSED,), State.DECLINED, "sharing.decline", user)


@transaction.atomic
def give_up(sharing: Sharing, user: Any = None) -> Sharing:
    """Take the content off the second department's site again, as that department; raises ValidationError."""
    return _end(sharing, (State.ACCEPTED,), State.GIVEN_UP, "sharing.give_up", user)


@transaction.atomic
def withdraw(sharing: Sharing, user: Any = None) -> Sharing:
    """Take back what is shared or proposed, as the owner; raises ValidationError when that is done already."""
    states = (*ANSWERABLE_STATES, State.ACCEPTED)
    return _end(sharing, states, State.WITHDRAWN, "sharing.withdraw", user, by_owner=True)


def _end(
    sharing: Sharing, before: Collection[str], state: str, action: str, user: Any, *, by_owner: bool = False
) -> Sharing:
    sharing = _locked(sharing, before)
    sharing.state, sharing.accepted_at = state, None
    sharing.save()
    _log(sharing, action, user, by_owner=by_owner)
    return sharing


def _locked(sharing: Sharing, states: Collection[str]) -> Sharing:
    """Return the row as it is now, locked: two people may answer at once."""
    fresh = Sharing.objects.select_for_update(of=("self",)).select_related("owner", "department").get(pk=sharing.pk)
    if fresh.state not in states:
        message = _("This is no longer possible; the state is now: %(state)s.")
        raise ValidationError(message % {"state": fresh.get_state_display()})
    return fresh


def _set_contact(sharing: Sharing, contact: Mapping[str, str]) -> None:
    for name in CONTACT_FIELDS:
        setattr(sharing, name, contact.get(name, ""))


def _log(sharing: Sharing, action: str, user: Any, *, by_owner: bool = False) -> None:
    data = {"department": sharing.department.name, "by": sharing.owner.name if by_owner else sharing.department.name}
    log(instance=sharing, action=action, user=user, data=data)
    if page := page_of_sharing(sharing):
        # Without a user of its own an entry would name the one whose request this is.
        with LogContext(user=user if by_owner else None):
            log(instance=page, action=action, data=data)
