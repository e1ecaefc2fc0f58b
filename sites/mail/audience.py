"""The object that an e-mail is about, and the check at sending time that its recipient may see this object."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Model
from wagtail.models import Page, TaskState, WorkflowState

from sites.access.querysets import is_viewable_by

AudienceRule = Callable[[Any, str], bool]

_subject: ContextVar[Model | None] = ContextVar("subject of e-mails", default=None)
_RULES: dict[type[Model], AudienceRule] = {}


@contextmanager
def about(instance: Model) -> Iterator[None]:
    """Mark the e-mails that are sent in this block as being about a saved object."""
    token = _subject.set(instance)
    try:
        yield
    finally:
        _subject.reset(token)


def current_subject() -> Model | None:
    """Return the object of the innermost block `about`, or None."""
    return _subject.get()


def register_audience(model: type[Model], rule: AudienceRule) -> None:
    """Register the function that returns True if an e-mail about a row of the model may go to an address.

    Models without a rule use `account_may_view`.
    """
    _RULES[model] = rule


def may_receive(instance: Model, address: str) -> bool:
    """Return True if an e-mail about the object, as it is now, may be sent to the address."""
    rule = next((_RULES[base] for base in type(instance).__mro__ if base in _RULES), account_may_view)
    return rule(instance, address)


def account_may_view(instance: Model, address: str) -> bool:
    """Return True if the address is that of an active account that may view the object.

    An e-mail about a page needs a permission on this page; membership in the department does not suffice, because a
    translator works in one language only.
    """
    user = active_account(address)
    if user is None:
        return False
    if isinstance(instance, WorkflowState):
        return instance.content_object is not None and account_may_view(instance.content_object, address)
    if isinstance(instance, TaskState):
        return account_may_view(instance.workflow_state, address)
    if not is_viewable_by(type(instance), instance.pk, user):
        return False
    return not isinstance(instance, Page) or user.is_superuser or bool(instance.permissions_for_user(user).permissions)


def active_account(address: str) -> Any:
    """Return the active account with this address, or None."""
    return get_user_model()._default_manager.filter(email__iexact=address, is_active=True).first()
