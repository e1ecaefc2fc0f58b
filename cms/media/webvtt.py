"""Validation of captions in the WebVTT format (W3C Web Video Text Tracks)."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext as _
from webvtt import WebVTT
from webvtt.errors import MalformedCaptionError, MalformedFileError
from webvtt.models import Timestamp


def validate_webvtt_file(file: FieldFile | UploadedFile) -> None:
    """Raise ValidationError for a file that is larger than 2 MB, not UTF-8 or not valid by `validate_webvtt`."""
    if file.size is not None and file.size > settings.CAPTIONS_MAX_BYTES:
        raise ValidationError(_("The captions file is larger than 2 MB."))
    file.seek(0)
    content = file.read()
    file.seek(0)
    try:
        validate_webvtt(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValidationError(_("The captions file is not UTF-8 text.")) from error


def validate_webvtt(text: str) -> None:
    """Raise ValidationError for text that is not WebVTT, has no cue, or has an empty or misordered cue.

    The message names the first invalid cue.
    """
    try:
        cues = WebVTT.from_string(text, strict=True).captions
    except (MalformedFileError, MalformedCaptionError) as error:
        raise ValidationError(_("This is not valid WebVTT: %(error)s.") % {"error": error}) from error
    if not cues:
        raise ValidationError(_("The captions hold no cue."))
    previous_start = Timestamp()
    for number, cue in enumerate(cues, start=1):
        start, end = Timestamp.from_string(cue.start), Timestamp.from_string(cue.end)
        if end <= start:
            raise ValidationError(
                _("Cue %(number)d ends before it starts (%(start)s --> %(end)s).")
                % {"number": number, "start": cue.start, "end": cue.end}
            )
        if start < previous_start:
            raise ValidationError(
                _("Cue %(number)d starts before the one above it (%(start)s).") % {"number": number, "start": cue.start}
            )
        if not cue.text.strip():
            raise ValidationError(_("Cue %(number)d has no text.") % {"number": number})
        previous_start = start
