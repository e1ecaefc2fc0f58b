"""The transitions of a sharing: propose, accept, decline, withdraw, give up.

Only this module changes a `Sharing`. Each transition runs in a transaction, checks the current state and writes two
log entries: one of the sharing, which both departments read, and one of the page, which the owner reads and which
names no user of the other department. The screens check that the user may act for the department; each transition
checks it again after the lock, and raises PermissionDenied if the user has lost this capability.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import LogContext, log
from wagtail.models import Page

from sites.access.capabilities import require_capability_now
from sites.access.ownership import department_of_page
from sites.access.references.private_pages import is_private
from sites.audit_log.recording import Action, record
from sites.models import Department, Sharing
from sites.rate_limits.limiter import consume
from sites.roles import Capability

from .notifications import notify_publishers
from .shared_content import page_of_sharing

State = Sharing.State
CONTACT_FIELDS = ("contact_name", "contact_role", "contact_email", "contact_phone")
ANSWERABLE_STATES = (State.PROPOSED, State.DECLINED, State.GIVEN_UP)
"""States in which the receiving department may accept: it can change its answer until the owner withdraws."""


def is_shareable(page: Page) -> bool:
    """Return True if pages of this type can be shared; home pages and sections belong to one site only."""
    return bool(getattr(page.specific_class, "may_be_shared", False))


def propose(page: Page, department: Department, kind: str, user: Any = None) -> Sharing:
    """Invite a department to hold the content of a page together with its owner, or offer it the content.

    Raise as `propose_to_all`.
    """
    return propose_to_all(page, [department], kind, user)[0]


def propose_to_all(page: Page, departments: Iterable[Department], kind: str, user: Any = None) -> list[Sharing]:
    """Propose the content of a page to several departments: to all of them, or to none.

    Raise ValidationError for a page that cannot be shared, for a private page, for the owner itself, and for a
    department with which the content is shared already. Raise RateLimitExceeded after too many proposals of the user,
    to a department or of the content, since each sends mail. Views call it outside a transaction, because it counts.
    """
    departments = list(departments)
    owner = department_of_page(page)
    if owner is None or not is_shareable(page):
        raise ValidationError(_("This page cannot be shared."))
    if is_private(page):
        raise ValidationError(_("This page is private: make it public before you share it."))
    if owner in departments:
        raise ValidationError(_("A department cannot share with itself."))
    if user is not None:
        for department in departments:
            _count_proposal(page, owner, department, user)
    with transaction.atomic():
        return [_propose(page, owner, department, kind, user) for department in departments]


def _propose(page: Page, owner: Department, department: Department, kind: str, user: Any) -> Sharing:
    sharing, is_new = Sharing.objects.select_for_update().get_or_create(
        content_key=page.translation_key, department=department, defaults={"owner": owner, "kind": kind}
    )
    require_capability_now(user, Capability.SHARING, owner)
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


def _count_proposal(page: Page, owner: Department, department: Department, user: Any) -> None:
    account = user.get_username()
    consume("sharing.account", user.pk, account=account)
    consume("sharing.department", owner.pk, department.pk, account=account)
    consume("sharing.content", page.translation_key, department.pk, account=account)


def accept(sharing: Sharing, taken_as: str = "", contact: Mapping[str, str] | None = None, user: Any = None) -> Sharing:
    """Accept an invitation, or take an offer as a `Sharing.Taken`.

    `contact` has the fields of CONTACT_FIELDS that the receiving department's site shows instead of its own contact.
    Raise ValidationError if the state does not allow it or `taken_as` does not fit the kind of sharing, and as
    `count_answer`.
    """
    count_answer(sharing, user)
    return accept_counted(sharing, taken_as, contact, user)


def count_answer(sharing: Sharing, user: Any) -> None:
    """Count an answer of a user to a sharing, outside a transaction; raise RateLimitExceeded after too many.

    Each answer writes to the logs of both departments. Acceptances and contacts are counted. The other transitions need
    no limit, and end a sharing at any time: each follows an acceptance or a proposal, which has a limit of its own.
    """
    if user is not None:
        consume("sharing.answer", user.pk, sharing.pk, account=user.get_username())


@transaction.atomic
def accept_counted(sharing: Sharing, taken_as: str, contact: Mapping[str, str] | None, user: Any) -> Sharing:
    """Accept as `accept`, in the transaction of a caller that has called `count_answer`."""
    sharing = _lock(sharing, ANSWERABLE_STATES, user)
    if (sharing.kind == Sharing.Kind.OFFER) != (taken_as in Sharing.Taken.values):
        raise ValidationError(_("An offer is taken as a mirror or as a copy; an invitation is accepted."))
    sharing.state, sharing.taken_as, sharing.accepted_at = State.ACCEPTED, taken_as, timezone.now()
    _set_contact(sharing, contact or {})
    sharing.save()
    _log(sharing, f"sharing.{taken_as or 'accept'}", user)
    return sharing


def change_contact(sharing: Sharing, contact: Mapping[str, str], user: Any = None) -> Sharing:
    """Change the contact that the receiving department's site shows.

    Raise ValidationError unless the sharing is accepted, and as `count_answer`.
    """
    count_answer(sharing, user)
    return _change_contact(sharing, contact, user)


@transaction.atomic
def _change_contact(sharing: Sharing, contact: Mapping[str, str], user: Any) -> Sharing:
    sharing = _lock(sharing, (State.ACCEPTED,), user)
    _set_contact(sharing, contact)
    sharing.save()
    _log(sharing, "sharing.contact", user)
    return sharing


@transaction.atomic
def decline(sharing: Sharing, user: Any = None) -> Sharing:
    """Decline a proposal; raise ValidationError unless it waits for an answer."""
    return _close(sharing, (State.PROPOSED,), State.DECLINED, "sharing.decline", user)


@transaction.atomic
def give_up(sharing: Sharing, user: Any = None) -> Sharing:
    """Remove the content from the receiving department's site, as that department.

    Raise ValidationError unless the sharing is accepted.
    """
    return _close(sharing, (State.ACCEPTED,), State.GIVEN_UP, "sharing.give_up", user)


@transaction.atomic
def withdraw(sharing: Sharing, user: Any = None) -> Sharing:
    """Withdraw a proposal or an accepted sharing, as the owner; raise ValidationError if it is withdrawn already."""
    states = (*ANSWERABLE_STATES, State.ACCEPTED)
    return _close(sharing, states, State.WITHDRAWN, "sharing.withdraw", user, by_owner=True)


def _close(
    sharing: Sharing, allowed_states: Collection[str], state: str, action: str, user: Any, *, by_owner: bool = False
) -> Sharing:
    sharing = _lock(sharing, allowed_states, user, by_owner=by_owner)
    sharing.state, sharing.accepted_at = state, None
    sharing.save()
    _log(sharing, action, user, by_owner=by_owner)
    return sharing


def _lock(sharing: Sharing, states: Collection[str], user: Any, *, by_owner: bool = False) -> Sharing:
    """Return the locked, current row; raise ValidationError unless its state is one of these.

    The lock is needed since two users may answer at once. Raise PermissionDenied if the user may not act any more.
    """
    locked = Sharing.objects.select_for_update(of=("self",)).select_related("owner", "department").get(pk=sharing.pk)
    require_capability_now(user, Capability.SHARING, locked.owner if by_owner else locked.department)
    if locked.state not in states:
        message = _("This is no longer possible; the state is now: %(state)s.")
        raise ValidationError(message % {"state": locked.get_state_display()})
    return locked


def _set_contact(sharing: Sharing, contact: Mapping[str, str]) -> None:
    for name in CONTACT_FIELDS:
        setattr(sharing, name, contact.get(name, ""))


def _log(sharing: Sharing, action: str, user: Any, *, by_owner: bool = False) -> None:
    data = {"department": sharing.department.name, "by": sharing.owner.name if by_owner else sharing.department.name}
    log(instance=sharing, action=action, user=user, data=data)
    _record(sharing, action, user, by_owner=by_owner)
    if page := page_of_sharing(sharing):
        # Without a `LogContext` the entry would name the user of the request.
        with LogContext(user=user if by_owner else None):
            log(instance=page, action=action, data=data)


def _record(sharing: Sharing, action: str, user: Any, *, by_owner: bool) -> None:
    """Add the transition to the audit logs of both departments; that of the other one does not have the account."""
    acting, other = (sharing.owner, sharing.department) if by_owner else (sharing.department, sharing.owner)
    content = str(sharing.content_key)
    record(Action.SHARING, department=acting, account=user, what=action, content=content, other=other.code)
    record(Action.SHARING, department=other, is_anonymous=True, what=action, content=content, other=acting.code)
