"""Content shared between departments, through the steps that people take."""

from sites.models import Sharing
from sites.sharing.steps import accept, propose


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
