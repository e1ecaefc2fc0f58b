"""Content shared between departments, through the steps that people take."""

from cms.copies.copying import take_copy
from sites.models import Sharing
from sites.sharing.transitions import accept, propose

from .pages import make_section


def invite(page, department) -> Sharing:
    """An invitation to hold a page together, without an answer."""
    return propose(page, department, Sharing.Kind.CO_HOLDING)


def offer(page, department) -> Sharing:
    """An offer of a page, without an answer."""
    return propose(page, department, Sharing.Kind.OFFER)


def hold_together(page, department) -> Sharing:
    return accept(invite(page, department))


def mirror(page, department) -> Sharing:
    return accept(offer(page, department), Sharing.Taken.MIRROR)


def copy(page, department):
    """An own copy of a page, a draft of the department, in its section for that type of content."""
    make_section(department, page.document_type)
    return take_copy(offer(page, department))
