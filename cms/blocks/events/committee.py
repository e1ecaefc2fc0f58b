"""A committee of an event, with its members."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail import blocks
from wagtail.snippets.blocks import SnippetChooserBlock

from ..lists import ListBlock
from ..text import short_rich_text


class CommitteeMemberBlock(blocks.StructBlock):
    """A member: an organisation, or people who represent no organisation."""

    organisation = SnippetChooserBlock("pages.Organisation", label=_("Organisation"), required=False)
    name = blocks.CharBlock(
        label=_("Name or description"),
        max_length=200,
        required=False,
        help_text=_("For a member that is no organisation: a student, social workers…"),
    )
    role = blocks.CharBlock(label=_("Role"), max_length=200, required=False)
    alternates_with = blocks.CharBlock(
        label=_("Alternates with"),
        max_length=200,
        required=False,
        help_text=_("Who takes turns on this seat."),
    )

    class Meta:
        icon = "user"
        label = _("Member")

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if not (cleaned["organisation"] or cleaned["name"]):
            raise blocks.StructBlockValidationError(
                block_errors={"name": ValidationError(_("Choose an organisation or give a name."))}
            )
        return cleaned


class CommitteeBlock(blocks.StructBlock):
    """A committee that prepares an event."""

    name = blocks.CharBlock(label=_("Name"), max_length=200)
    since = blocks.CharBlock(
        label=_("Since"), max_length=50, required=False, help_text=_("For example: September 2019.")
    )
    role = short_rich_text(label=pgettext_lazy("organisation", "Role"), required=False)
    objectives = ListBlock(blocks.CharBlock(max_length=300), label=_("Objectives"), default=[])
    members = ListBlock(CommitteeMemberBlock(), label=_("Members"), default=[])

    class Meta:
        icon = "group"
        label = _("Committee")
