"""Lists of (name, block) for the StreamFields of page types. Page types define no lists of their own."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.snippets.blocks import SnippetChooserBlock

from cms.fields import MAX_BLOCKS

from .contact import ContactBlock
from .employment import DiplomaBlock, VacancyBlock, rncp_number_block
from .events.agenda import DayBlock
from .events.committee import CommitteeBlock
from .events.organiser import OrganisationRoleBlock, OrganiserBlock
from .events.stand import StandBlock
from .figure import KeyFigureBlock
from .image import CaptionedImageBlock
from .link import LinkBlock
from .lists import ListBlock
from .partnership import ActivityBlock, DeliverableBlock, PartnerBlock, SignatoryBlock
from .text import FootnoteBlock, QuotationBlock, TitledTextBlock, rich_text

# The number of pages in one list of pages to read as well.
MAX_RELATED = 50


def _pages(*types: str) -> list[tuple[str, blocks.Block]]:
    page_types = [f"pages.{name}" for name in types]
    return [("page", blocks.PageChooserBlock(page_type=page_types, label=_("Page")))]


BODY = [
    ("heading", blocks.CharBlock(label=_("Heading"), max_length=150, icon="title")),
    ("text", rich_text(label=_("Text"))),
    ("quotation", QuotationBlock()),
    ("image", CaptionedImageBlock()),
    ("key_figures", ListBlock(KeyFigureBlock(), label=_("Key figures"), icon="order")),
    ("document", DocumentChooserBlock(label=_("Document"))),
    ("person", SnippetChooserBlock("pages.Person", label=_("Person"))),
    ("organisation", SnippetChooserBlock("pages.Organisation", label=_("Organisation"))),
    ("call_to_action", LinkBlock(label=_("Button"))),
    (
        "related",
        ListBlock(
            blocks.PageChooserBlock(), label=_("Pages to read as well"), icon="doc-full-inverse", max_num=MAX_RELATED
        ),
    ),
]
# Limits of a body. The longest pages have some dozens of blocks, and a list of pages ends a chapter.
BODY_LIMITS: dict[str, Any] = {"max_num": MAX_BLOCKS, "block_counts": {"related": {"max_num": 10}}}
SHORT_TEXTS = [("item", blocks.CharBlock(label=_("Item"), max_length=300))]
TITLED_TEXTS = [("item", TitledTextBlock())]
FOOTNOTES = [("footnote", FootnoteBlock())]
KEY_FIGURES = [("figure", KeyFigureBlock())]
CONTACTS = [("contact", ContactBlock())]
LINKS = [("link", LinkBlock())]
DOCUMENTS = [("document", DocumentChooserBlock(label=_("Document")))]

ANY_PAGES = [("page", blocks.PageChooserBlock(label=_("Page")))]
PROFESSIONS = _pages("ProfessionPage")
TESTIMONIALS = _pages("TestimonialPage")
EVENTS = _pages("EventPage")

DAYS = [("day", DayBlock())]
STANDS = [("stand", StandBlock())]
ORGANISERS = [("organiser", OrganiserBlock())]
SUPPORTERS = [("partner", OrganisationRoleBlock())]
COMMITTEES = [("committee", CommitteeBlock())]

DIPLOMAS = [("diploma", DiplomaBlock())]
RNCP_NUMBERS = [("number", rncp_number_block())]
VACANCIES = [("vacancy", VacancyBlock())]

PARTNERS = [("partner", PartnerBlock())]
ACTIVITIES = [("activity", ActivityBlock())]
DELIVERABLES = [("deliverable", DeliverableBlock())]
SIGNATORIES = [("signatory", SignatoryBlock())]
