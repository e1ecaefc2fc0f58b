"""Key figures: a value with its unit, year and source; the limits of numbers of people, posts and days."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from sites.validation.dates import YEAR_VALIDATORS

# A larger number is a slip of the keyboard.
COUNT_VALIDATORS = (MinValueValidator(1), MaxValueValidator(1_000_000))
QUALIFIERS = (
    ("exact", _("exact")),
    ("about", _("about")),
    ("more_than", _("more than")),
    ("up_to", _("up to")),
)


class KeyFigureBlock(blocks.StructBlock):
    """A key figure. `value` is text in the notation of the page's language ("4 700", "4,700")."""

    qualifier = blocks.ChoiceBlock(label=_("Exactness"), choices=QUALIFIERS, default="exact")
    value = blocks.CharBlock(label=_("Value"), max_length=30, help_text=_("As it is shown: 949, 4 700, 15."))
    unit = blocks.CharBlock(label=_("Unit"), max_length=50, required=False, help_text=_("M€, %, posts…"))
    label = blocks.CharBlock(label=_("What it counts"), max_length=250)
    year = blocks.IntegerBlock(label=_("Year"), required=False, validators=YEAR_VALIDATORS)
    source = blocks.CharBlock(label=_("Source"), max_length=200, required=False)

    class Meta:
        icon = "order"
        label = _("Key figure")
