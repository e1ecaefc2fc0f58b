"""Parts of a partnership: partners, activities, deliverables, signatories."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.snippets.blocks import SnippetChooserBlock

from .country import CountryBlock
from .figure import COUNT_VALIDATORS
from .lists import ListBlock
from .text import short_rich_text

PARTNER_STATUSES = (
    ("coordinator", _("Coordinator")),
    ("confirmed", _("Confirmed")),
    ("being_confirmed", _("Being confirmed")),
    ("to_be_confirmed", _("To be confirmed")),
    ("sought", _("Sought")),
    ("declined", _("Declined")),
)
ACTIVITY_KINDS = (
    ("mobility", _("Learning mobility")),
    ("conference", _("Conference")),
    ("workshop", _("Workshop")),
    ("placement", _("Placement")),
    ("meeting", _("Meeting")),
    ("other", _("Other")),
)
DELIVERABLE_STATES = (
    ("planned", _("Planned")),
    ("in_progress", _("In progress")),
    ("delivered", _("Delivered")),
)


class PartnerBlock(blocks.StructBlock):
    """A partner, known or sought. It needs an organisation, a description or a country."""

    organisation = SnippetChooserBlock("pages.Organisation", label=_("Organisation"), required=False)
    name = blocks.CharBlock(
        label=_("Description"),
        max_length=200,
        required=False,
        help_text=_("For a partner that is not an organisation of the list yet."),
    )
    country = CountryBlock(label=_("Country"), required=False)
    role = blocks.CharBlock(label=pgettext_lazy("organisation", "Role"), max_length=200, required=False)
    status = blocks.ChoiceBlock(label=_("Status"), choices=PARTNER_STATUSES, default="to_be_confirmed")
    pairing = blocks.CharBlock(
        label=_("Pair"), max_length=250, required=False, help_text=_("With whom this partner forms a pair.")
    )

    class Meta:
        icon = "group"
        label = _("Partner")

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if not (cleaned["organisation"] or cleaned["name"] or cleaned["country"]):
            raise blocks.StructBlockValidationError(
                block_errors={"name": ValidationError(_("Choose an organisation, or give a description or a country."))}
            )
        return cleaned


class ActivityBlock(blocks.StructBlock):
    """An activity of the partners."""

    title = blocks.CharBlock(label=_("Title"), max_length=250)
    kind = blocks.ChoiceBlock(label=_("Kind"), choices=ACTIVITY_KINDS, default="other")
    start = blocks.CharBlock(label=_("Start"), max_length=50, required=False, help_text=_("As exact as it is known."))
    end = blocks.CharBlock(label=_("End"), max_length=50, required=False)
    place = blocks.CharBlock(label=_("Place"), max_length=200, required=False)
    countries = ListBlock(CountryBlock(label=_("Country")), label=_("Countries"), default=[])
    participants = blocks.IntegerBlock(label=_("Participants"), required=False, validators=COUNT_VALIDATORS)
    participants_note = blocks.CharBlock(
        label=_("Who takes part"),
        max_length=200,
        required=False,
        help_text=_("For example: 10 professionals a country."),
    )
    days = blocks.IntegerBlock(label=_("Days"), required=False, validators=COUNT_VALIDATORS)
    description = short_rich_text(label=_("Description"), required=False)

    class Meta:
        icon = "calendar-check"
        label = _("Activity")


class DeliverableBlock(blocks.StructBlock):
    """A deliverable of the partnership."""

    title = blocks.CharBlock(label=_("Title"), max_length=250)
    level = blocks.CharBlock(
        label=_("Level"), max_length=100, required=False, help_text=_("European, national, local…")
    )
    due_on = blocks.DateBlock(label=_("Due on"), required=False)
    state = blocks.ChoiceBlock(label=_("State"), choices=DELIVERABLE_STATES, default="planned")
    language = blocks.RegexBlock(
        regex=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z",
        label=_("Language"),
        required=False,
        help_text=_("Code of the language: fr, en, it…"),
        error_messages={"invalid": _("Enter a language code such as fr, en or pt-BR.")},
    )
    description = blocks.TextBlock(label=_("Description"), required=False)
    file = DocumentChooserBlock(label=_("File"), required=False)

    class Meta:
        icon = "doc-full"
        label = _("Deliverable")


class SignatoryBlock(blocks.StructBlock):
    """A signatory: an organisation, its representative and a quotation."""

    organisation = SnippetChooserBlock("pages.Organisation", label=_("Organisation"))
    representative = blocks.CharBlock(label=_("Represented by"), max_length=200, required=False)
    role = blocks.CharBlock(label=_("Role"), max_length=200, required=False)
    quotation = blocks.TextBlock(
        label=_("Quotation"), required=False, help_text=_("Without quotation marks: the readers add them.")
    )

    class Meta:
        icon = "edit"
        label = _("Signatory")
