"""The programme of an event: days, sessions and speakers."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.snippets.blocks import SnippetChooserBlock

from ..contact import require_person_or_name
from ..lists import ListBlock
from ..text import short_rich_text

SESSION_KINDS = (
    ("opening", _("Opening")),
    ("talk", _("Talk")),
    ("presentation", _("Presentation")),
    ("round_table", _("Round table")),
    ("workshop", _("Workshop")),
    ("dialogue", _("Dialogue")),
    ("break", _("Break")),
    ("closing", _("Closing")),
    ("other", _("Other")),
)


class SpeakerBlock(blocks.StructBlock):
    """A speaker of a session."""

    person = SnippetChooserBlock(
        "pages.Person", label=_("Person"), required=False, help_text=_("Or give a name below.")
    )
    name = blocks.CharBlock(label=_("Name"), max_length=200, required=False)
    role = blocks.CharBlock(label=_("Role"), max_length=200, required=False)
    organisation = blocks.CharBlock(label=_("Organisation"), max_length=200, required=False)
    is_main = blocks.BooleanBlock(label=_("Main speaker"), required=False)

    class Meta:
        icon = "user"
        label = _("Speaker")

    def clean(self, value: Any) -> Any:
        return require_person_or_name(super().clean(value))


class SessionBlock(blocks.StructBlock):
    """A session of a day. Its times are local times in the time zone of the event page."""

    start = blocks.TimeBlock(label=_("Start"), required=False, help_text=_("Local time at the event."))
    end = blocks.TimeBlock(label=_("End"), required=False)
    title = blocks.CharBlock(label=_("Title"), max_length=250)
    kind = blocks.ChoiceBlock(label=_("Kind"), choices=SESSION_KINDS, default="talk")
    description = short_rich_text(label=_("Description"), required=False)
    room = blocks.CharBlock(label=_("Room"), max_length=150, required=False)
    speakers = ListBlock(SpeakerBlock(), label=_("Speakers"), default=[])

    class Meta:
        icon = "time"
        label = _("Session")
        label_format = "{start} {title}"

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        start, end = cleaned["start"], cleaned["end"]
        if end and not start:
            raise blocks.StructBlockValidationError(
                block_errors={"start": ValidationError(_("A session with an end needs a start."))}
            )
        if start and end and end <= start:
            raise blocks.StructBlockValidationError(
                block_errors={"end": ValidationError(_("The session ends before it starts."))}
            )
        return cleaned


class DayBlock(blocks.StructBlock):
    """A day of an event with its sessions."""

    date = blocks.DateBlock(label=_("Date"))
    title = blocks.CharBlock(label=_("Title of the day"), max_length=200, required=False)
    sessions = ListBlock(SessionBlock(), label=_("Sessions"), default=[])

    class Meta:
        icon = "date"
        label = _("Day")
        label_format = "{date} {title}"
