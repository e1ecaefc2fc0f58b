"""Stands, animations and meetings that an event has in addition to its sessions."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.snippets.blocks import SnippetChooserBlock

STAND_KINDS = (("stand", _("Stand")), ("animation", _("Animation")), ("meeting", _("Meeting")))


class StandBlock(blocks.StructBlock):
    """A stand, an animation or a meeting."""

    title = blocks.CharBlock(label=_("Title"), max_length=200)
    kind = blocks.ChoiceBlock(label=_("Kind"), choices=STAND_KINDS, default="stand")
    description = blocks.TextBlock(label=_("Description"), required=False)
    holder = SnippetChooserBlock("pages.Organisation", label=_("Held by"), required=False)
    hours = blocks.CharBlock(label=_("Hours"), max_length=100, required=False)

    class Meta:
        icon = "group"
        label = _("Stand or animation")
