"""Captions in WebVTT (W3C Web Video Text Tracks), and their conversion from SubRip.

The text is divided into cues as browsers divide it (WebVTT, section 6.1): they ignore unknown settings of a cue, and a
line with an arrow starts a cue without an empty line before it. Text that no browser would show is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import NoReturn

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext as _

from cms.media.overrides.field_files import has_unsaved_content
from sites.html_text import unescaped
from sites.validation.incoming_text import decode_utf8, refuse_control_characters

SIGNATURE = re.compile(r"WEBVTT(?![^ \t\r\n])")
ARROW = "-->"
# Four digits of hours: Python refuses to read numbers of thousands of digits.
TIME = re.compile(
    r"(?:(?P<hours>[0-9]{1,4}):)?(?P<minutes>[0-5]\d):(?P<seconds>[0-5]\d)[.](?P<fraction>\d{3})", re.ASCII
)
SUBRIP_TIME = re.compile(
    r"(?P<hours>[0-9]{1,4}):(?P<minutes>[0-5]?\d):(?P<seconds>[0-5]?\d)[,.](?P<fraction>\d{1,3})", re.ASCII
)
SUBRIP_START = re.compile(r"\s*(?:\d+[ \t]*(?:\r\n?|\n)[ \t]*)?\d+:\d+:\d+[,.]\d+[ \t]*-->")
OTHER_BLOCK = re.compile(r"(NOTE|STYLE|REGION)(?![^ \t])")
# Tags of SubRip that WebVTT has too; all others are removed.
KEPT_TAG = re.compile(r"</?[biu]>")
SUBRIP_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|\{\\[^{}]*\}")
ANY_TAG = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")
OTHER_FORMATS = (
    (re.compile(r"\s*(<\?xml|<tt[ :>])"), "TTML"),
    (re.compile(r"\s*\[Script Info\]", re.IGNORECASE), "SubStation Alpha"),
    (re.compile(r"\s*\d+:\d+:\d+\.\d+,\d+:\d+:\d+\.\d+\s"), "SubViewer (SBV)"),
    (re.compile(r"\s*<SAMI", re.IGNORECASE), "SAMI"),
    (re.compile(r"\s*\{\d+\}\{\d+\}"), "MicroDVD"),
    (re.compile(r"\s*\[\d+:\d+[.:]\d+\]"), "LRC"),
)


@dataclass(frozen=True)
class Cue:
    """A cue: its number and line in the file (from 1), its start and end in milliseconds, and its lines of text."""

    number: int
    line: int
    start: int
    end: int
    lines: tuple[str, ...]


def validate_webvtt_file(file: FieldFile | UploadedFile) -> None:
    """Raise ValidationError for a file that is larger than 2 MB, not UTF-8, and not captions by `validate_captions`."""
    if file.size is not None and file.size > settings.CAPTIONS_MAX_BYTES:
        raise ValidationError(_("The captions file is larger than 2 MB."))
    if isinstance(file, FieldFile) and not has_unsaved_content(file):
        with file.storage.open(file.name or "") as stored:  # The file of the field would stay open.
            content = stored.read()
    else:
        file.seek(0)
        content = file.read()
        file.seek(0)
    validate_captions(decode_utf8(content))


def validate_captions(text: str) -> None:
    """Raise ValidationError for text that is neither WebVTT nor SubRip, or has an empty, wrong or misordered cue.

    The message names the first invalid cue and its line.
    """
    refuse_control_characters(text)
    is_subrip = SUBRIP_START.match(text) is not None
    if not is_subrip and not SIGNATURE.match(text):
        _refuse_other_format(text)
    cues = list(read_cues(text))
    if not cues:
        raise ValidationError(_("The captions hold no cue."))
    if not any(ANY_TAG.sub("", line).strip() for cue in cues for line in cue.lines):
        raise ValidationError(_("No cue has text."))
    previous_start = 0
    for cue in cues:
        if cue.end <= cue.start:
            _refuse(
                cue.number,
                cue.line,
                _("it ends (%(end)s) before it starts (%(start)s).")
                % {"start": format_time(cue.start), "end": format_time(cue.end)},
            )
        if cue.start < previous_start and not is_subrip:
            _refuse(
                cue.number,
                cue.line,
                _("it starts (%(start)s) before the cue above it.") % {"start": format_time(cue.start)},
            )
        if not cue.lines and not is_subrip:
            _refuse(cue.number, cue.line, _("it has no text."))
        previous_start = cue.start


def as_webvtt_file(file: FieldFile) -> ContentFile | None:
    """Return the WebVTT of a valid SubRip file, or None for a file that is not SubRip."""
    file.seek(0)
    text = decode_utf8(file.read())
    file.seek(0)
    if not SUBRIP_START.match(text):
        return None
    stem = (file.name or "").rpartition("/")[2].partition(".")[0] or "captions"
    return ContentFile(subrip_to_webvtt(text).encode(), name=f"{stem}.vtt")


def subrip_to_webvtt(text: str) -> str:
    """Return valid SubRip text as WebVTT, its cues in the order of their start."""
    parts = ["WEBVTT\n"]
    for cue in sorted(read_cues(text), key=lambda cue: cue.start):
        if lines := "\n".join(filter(None, map(_converted_line, cue.lines))):
            parts.append(f"{format_time(cue.start)} {ARROW} {format_time(cue.end)}\n{lines}\n")
    return "\n".join(parts)


def format_time(milliseconds: int) -> str:
    """Return a WebVTT timestamp with hours."""
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"


def read_cues(text: str) -> Iterator[Cue]:
    """Yield the cues of WebVTT or SubRip; raise ValidationError for a wrong time, and for text that is in no cue."""
    is_subrip = not SIGNATURE.match(text)
    lines = re.split(r"\r\n?|\n", text)
    if is_subrip:
        lines = [line if line.strip() else "" for line in lines]
    position, number = 0 if is_subrip else _end_of_block(lines, 0), 0
    while position < len(lines):
        times = next((index for index in (position, position + 1) if ARROW in "".join(lines[index : index + 1])), None)
        if not lines[position]:
            position += 1
        elif times is None:
            if not (OTHER_BLOCK.match(lines[position]) or lines[position].strip().isdecimal()):
                _refuse_text_outside(position + 1, lines[position])
            position = _end_of_block(lines, position)
        else:
            number += 1
            start, end = _read_times(lines[times], number, times + 1, SUBRIP_TIME if is_subrip else TIME)
            position = _end_of_block(lines, times + 1)
            last = position
            if is_subrip and ARROW in "".join(lines[last : last + 1]) and lines[last - 1].strip().isdecimal():
                last -= 1  # The number of the next cue, which no empty line separates.
            yield Cue(number, times + 1, start, end, tuple(lines[times + 1 : last]))


def _end_of_block(lines: list[str], position: int) -> int:
    """Return the position of the next empty line or times of a cue."""
    ends = (index for index in range(position, len(lines)) if not lines[index] or ARROW in lines[index])
    return next(ends, len(lines))


def _read_times(line: str, number: int, line_number: int, pattern: re.Pattern[str]) -> tuple[int, int]:
    """Return the start and the end of a cue in milliseconds; its settings are not read."""
    before, _arrow, after = line.partition(ARROW)
    texts = before.strip(), (after.split() or [""])[0]
    matches = [pattern.fullmatch(text) for text in texts]
    times = [_milliseconds(match) for match in matches if match]
    if len(times) < 2:
        wrong = next(text for text, match in zip(texts, matches, strict=True) if not match)
        reason = _("“%(time)s” is no time such as %(example)s.") % {
            "time": wrong[:40],
            "example": "00:00:02.500" if pattern is TIME else "00:00:02,500",
        }
        _refuse(number, line_number, reason)
    return times[0], times[1]


def _milliseconds(match: re.Match[str]) -> int:
    minutes = int(match["hours"] or 0) * 60 + int(match["minutes"])
    return (minutes * 60 + int(match["seconds"])) * 1000 + int(match["fraction"].ljust(3, "0"))


def _converted_line(line: str) -> str:
    """Return a line of SubRip without the tags that WebVTT lacks, with its other special characters escaped."""
    parts = re.split(r"(</?[biu]>)", SUBRIP_TAG.sub(lambda tag: tag[0] if KEPT_TAG.fullmatch(tag[0]) else "", line))
    return "".join(part if KEPT_TAG.fullmatch(part) else escape(unescaped(part), quote=False) for part in parts).strip()


def _refuse_other_format(text: str) -> NoReturn:
    for pattern, name in OTHER_FORMATS:
        if pattern.match(text):
            message = _("These captions are in the format %(format)s: export them as WebVTT or SubRip.")
            raise ValidationError(message % {"format": name})
    raise ValidationError(_("This is no captions file: its first line is not “WEBVTT”, and it is not SubRip either."))


def _refuse_text_outside(line: int, text: str) -> NoReturn:
    message = _(
        "Line %(line)d (“%(text)s”) belongs to no cue, so that no browser shows it: a cue ends at an empty line, and "
        "begins with its times."
    )
    raise ValidationError(message % {"line": line, "text": text.strip()[:40]})


def _refuse(number: int, line: int, reason: str) -> NoReturn:
    message = _("Cue %(number)d (line %(line)d): %(reason)s")
    raise ValidationError(message % {"number": number, "line": line, "reason": reason})
