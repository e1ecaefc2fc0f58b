"""Page models and shared snippets."""

from .base import ContentPage
from .campaign import CampaignPage
from .copy_origin import CopiedMedium, CopyOrigin
from .event import EventPage
from .home import DepartmentHomePage, SectionPage, StandardPage
from .organisation import Organisation
from .partnership import PartnershipPage
from .person import Person
from .profession import ProfessionPage
from .testimonial import TestimonialPage

__all__ = [
    "CampaignPage",
    "ContentPage",
    "CopiedMedium",
    "CopyOrigin",
    "DepartmentHomePage",
    "EventPage",
    "Organisation",
    "PartnershipPage",
    "Person",
    "ProfessionPage",
    "SectionPage",
    "StandardPage",
    "TestimonialPage",
]
