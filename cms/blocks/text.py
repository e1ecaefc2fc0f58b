"""Blocks of running text."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail import blocks

# Headings start at h3, since the page title is h1 and sections are h2. Images are separate blocks: in rich text they
# would lose their text alternative and credit.
RICH_TEXT_FEATURES = ("h3", "h4", "bold", "italic", "ol", "ul", "link", "document-link")
SHORT_RICH_TEXT_FEATURES = ("bold", "italic", "ol", "ul", "link")


def rich_text(**kwargs: object) -> blocks.RichTextBlock:
    """Return a block of formatted text with the features that the reader's style sheet supports."""
    return blocks.RichTextBlock(features=list(RICH_TEXT_FEATURES), **kwargs)


def short_rich_text(**kwargs: object) -> blocks.RichTextBlock:
    """Return a block of formatted text without headings."""
    return blocks.RichTextBlock(features=list(SHORT_RICH_TEXT_FEATURES), **kwargs)


class QuotationBlock(blocks.StructBlock):
    """A quotation with its author."""

    text = blocks.TextBlock(
        label=pgettext_lazy("quotation", "Words"), help_text=_("Without quotation marks: the readers add them.")
    )
    author = blocks.CharBlock(label=_("Who said it"), max_length=200)
    role = blocks.CharBlock(label=_("Role"), max_length=200, required=False)

    class Meta:
        icon = "openquote"
        label = _("Quotation")


class TitledTextBlock(blocks.StructBlock):
    """A short text with a title."""

    title = blocks.CharBlock(label=_("Title"), max_length=200)
    text = short_rich_text(label=_("Text"), required=False)

    class Meta:
        icon = "doc-full"
        label = _("Titled text")


class FootnoteBlock(blocks.StructBlock):
    """A note that explains a term of the text above it."""

    term = blocks.CharBlock(label=_("Term"), max_length=200)
    text = blocks.TextBlock(label=_("Explanation"))

    class Meta:
        icon = "help"
        label = _("Footnote")
