"""Contrast ratios as defined by WCAG 2.2."""

import pytest
from django.core.exceptions import ValidationError

from sites.validation.colours import contrast_ratio, validate_contrast_with_white


def test_contrast_of_known_pairs():
    assert contrast_ratio("#000000", "#ffffff") == pytest.approx(21)
    assert contrast_ratio("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast_ratio("#ffffff", "#ffffff") == 1


@pytest.mark.parametrize("colour", ["#777777", "#ffff00", "#FFFFFF"])
def test_colour_with_low_contrast_is_refused(colour):
    with pytest.raises(ValidationError, match="4"):
        validate_contrast_with_white(colour)


@pytest.mark.parametrize("colour", ["1f4e79", "#1f4e7", "#1f4e7g", "#1f4e79\n"])
def test_invalid_colour_is_refused(colour):
    with pytest.raises(ValidationError):
        validate_contrast_with_white(colour)


def test_dark_colour_is_accepted():
    validate_contrast_with_white("#1f4e79")
