"""Colours of a department and their contrast (WCAG 2.2, success criterion 1.4.3)."""

import math

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

WHITE = "#ffffff"
MINIMUM_CONTRAST = 4.5

validate_hex_colour = RegexValidator(
    r"^#[0-9a-fA-F]{6}\Z", _("Enter a colour as # and six hexadecimal digits, for example #1b4f72.")
)


def relative_luminance(colour: str) -> float:
    """Return the relative luminance (0 black to 1 white) of `#rrggbb`, as WCAG 2.2 defines it."""

    def channel(hex_pair: str) -> float:
        value = int(hex_pair, 16) / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (channel(colour[start : start + 2]) for start in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast_ratio(first: str, second: str) -> float:
    """Return the contrast ratio (1 to 21) of two `#rrggbb` colours, as WCAG 2.2 defines it."""
    darker, lighter = sorted((relative_luminance(first), relative_luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def validate_contrast_with_white(colour: str) -> None:
    """Raise ValidationError if the contrast between the colour and white is too low for text."""
    validate_hex_colour(colour)
    ratio = contrast_ratio(colour, WHITE)
    if ratio < MINIMUM_CONTRAST:
        raise ValidationError(
            _("%(colour)s has a contrast of %(ratio)s with white; at least %(minimum)s is needed."),
            # Rounded down: 4.46 is less than the required 4.5.
            params={
                "colour": colour,
                "ratio": number_format(math.floor(ratio * 10) / 10, 1),
                "minimum": number_format(MINIMUM_CONTRAST, 1),
            },
        )
