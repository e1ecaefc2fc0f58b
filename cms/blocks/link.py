"""A link with a text that makes sense out of context."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from sites.validation.links import validate_web_url


def web_url_block(**kwargs: object) -> blocks.URLBlock:
    """Return a block for the address of a web page: http or https, nothing that a browser would run."""
    return blocks.URLBlock(validators=(validate_web_url,), **kwargs)


class LinkBlock(blocks.StructBlock):
    """A labelled link to another site (WCAG 2.2, 2.4.4: the label says where it leads)."""

    label = blocks.CharBlock(label=_("Text of the link"), max_length=150)
    url = web_url_block(label=_("Address"))

    class Meta:
        icon = "link"
        label = _("Link")
