"""Validation of captions in WebVTT. An error names the first invalid cue."""

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from cms.media.webvtt import validate_captions, validate_webvtt_file
from tests.factories.media import WEBVTT


def test_valid_captions_are_accepted():
    validate_captions(WEBVTT)
    validate_captions(
        "WEBVTT - titre\n\nNOTE une note\n\n1\n00:00:01.000 --> 00:00:02.000 align:start\n<v Camille>Oui\n"
    )
    validate_webvtt_file(ContentFile(b"\xef\xbb\xbf" + WEBVTT.encode()))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "WEBVTT"),
        ("1\n00:00.000 --> 00:01.000\nsrt\n", "WEBVTT"),
        ("WEBVTT\n", "no cue|aucun"),
        ("WEBVTT\n\n00:02.000 --> 00:01.000\nà l'envers\n", "1"),
        ("WEBVTT\n\n00:01.000 --> 00:01.000\nsans durée\n", "1"),
        ("WEBVTT\n\n00:05.000 --> 00:06.000\nb\n\n00:01.000 --> 00:02.000\na\n", "2"),
        ("WEBVTT\n\n00:01.000 --> 00:99.000\nheure fausse\n", "00:99.000"),
    ],
)
def test_invalid_captions_are_rejected_with_a_reason(text, message):
    with pytest.raises(ValidationError, match=message):
        validate_captions(text)


def test_a_file_that_is_not_utf_8_is_rejected():
    with pytest.raises(ValidationError, match="UTF-8"):
        validate_webvtt_file(ContentFile(b"WEBVTT\n\n\xff\xfe"))


def test_a_file_that_is_too_large_is_rejected():
    with pytest.raises(ValidationError, match="2"):
        validate_webvtt_file(ContentFile(b"x" * (settings.CAPTIONS_MAX_BYTES + 1)))


@pytest.mark.parametrize("hours", ["9" * 5000, "12345", "٣"])
@pytest.mark.parametrize(
    "text", ["WEBVTT\n\n{}:00:01.000 --> {}:00:02.000\nA\n", "1\n{}:00:01,000 --> {}:00:02,000\nA\n"]
)
def test_hours_that_no_video_has_are_rejected(text, hours):
    with pytest.raises(ValidationError):
        validate_captions(text.format(hours, hours))
