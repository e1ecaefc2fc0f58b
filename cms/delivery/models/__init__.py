"""Models of the published documents."""

from .document import Placement, PublishedDocument
from .feed import FeedCounter
from .publication import PublicationState
from .reference import PageReference
from .refresh import RefreshRequest
from .scheduled_run import ScheduledRun

__all__ = [
    "FeedCounter",
    "PageReference",
    "Placement",
    "PublicationState",
    "PublishedDocument",
    "RefreshRequest",
    "ScheduledRun",
]
