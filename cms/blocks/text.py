"""Blocks of running text."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail import blocks

# Headings start at h3: the page title is h1, a section of the page h2. Images are blocks of their own, so that
# their text alternative and credit are never lost inside a text.
RICH_TEXT_FEATURES = ("h3", "h4", "bold", "italic", "ol", "ul", "link", "document-link")
SHORT_RICH_TEXT_FEATURES = ("bold", "italic", "ol", "ul", "link")


def rich_text(**kwargs: object) -> blocks.RichTextBlock:
    """Return a block of formatted text with the features that the readers know how to show."""
    return blocks.RichTextBlock(features=list(RICH_TEXT_FEATURES), **kwargs)


def short_rich_text(**kwargs: object) -> blocks.RichTextBlock:
    """Return a block of formatted text without headings, for a field among others."""
    return blocks.RichTextBlock(features=list(SHORT_RICH_TEXT_FEATURES), **kwargs)


class QuotationBlock(blocks.StructBlock):
    """Someone's words."""

    text = blocks.TextBlock(
        label=pgettext_lazy("quotation", "Words"), help_text=_("Without quotation marks: the readers add them.")
    )
    author = blocks.CharBlock(label=_("Who said it"), max_length=200)
    role = blocks.CharBlock(label=_("Role"), max_length=200, required=False)

    class Meta:
        icon = "openquote"
        label = _("Quotation")


class TitledTextBlock(blocks.StructBlock):
    """A short text under a title of its own."""

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
