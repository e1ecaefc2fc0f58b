"""Models of the published documents."""

from .document import Placement, PublishedDocument
from .feed import FeedCounter
from .refresh import RefreshRequest
from .scheduled_run import ScheduledRun

__all__ = ["FeedCounter", "Placement", "PublishedDocument", "RefreshRequest", "ScheduledRun"]
