"""Labelled links to other sites."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from sites.validation.links import validate_web_url


def web_url_block(**kwargs: object) -> blocks.URLBlock:
    """Return a block for an http(s) URL; refuses schemes that a browser executes, such as javascript."""
    return blocks.URLBlock(validators=(validate_web_url,), **kwargs)


class LinkBlock(blocks.StructBlock):
    """A link to another site. The label describes its target (WCAG 2.2, success criterion 2.4.4)."""

    label = blocks.CharBlock(label=_("Text of the link"), max_length=150)
    url = web_url_block(label=_("Address"))

    class Meta:
        icon = "link"
        label = _("Link")
