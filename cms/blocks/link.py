"""A link with a text that makes sense out of context."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks


class LinkBlock(blocks.StructBlock):
    """A labelled link to another site (WCAG 2.2, 2.4.4: the label says where it leads)."""

    label = blocks.CharBlock(label=_("Text of the link"), max_length=150)
    url = blocks.URLBlock(label=_("Address"))

    class Meta:
        icon = "link"
        label = _("Link")
