"""Shared content, created by the same transitions as in the admin."""

from cms.copies.copying import take_copy
from sites.models import Sharing
from sites.sharing import transitions

from .pages import make_section
from .recording import recorded

propose, accept = recorded(transitions.propose), recorded(transitions.accept)


def invite(page, department) -> Sharing:
    """Return a pending invitation to co-hold a page."""
    return propose(page, department, Sharing.Kind.CO_HOLDING)


def offer(page, department) -> Sharing:
    """Return a pending offer of a page."""
    return propose(page, department, Sharing.Kind.OFFER)


def hold_together(page, department) -> Sharing:
    return accept(invite(page, department))


def mirror(page, department) -> Sharing:
    return accept(offer(page, department), Sharing.Taken.MIRROR)


def copy(page, department):
    """Return a copy of a page: a draft in the department's section for its content type."""
    make_section(department, page.document_type)
    return take_copy(offer(page, department))
