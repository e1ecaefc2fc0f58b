"""PO files of gettext: one file per translation, whose id is in the header that wagtail-localize reads too.

A text that is in the content several times is one entry, with a reference for each occurrence. The state APPROVED
does not exist in PO: it is written as translated. A text that needs editing is fuzzy, the former source is the
previous message (`#| msgid`), the former target the previous translation in a comment, and a limit is the flag
`max-length:N`, as in Weblate.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import partial
from typing import Literal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from polib import POEntry, POFile, escape, pofile, unescape

from .incoming_files import Readable, mislabelled, read_limited, refuse_at, refuse_surplus_units, refuse_text_at
from .inline_codes import canonical_html, parse_html
from .unit_checks import UnitCollector, checked_files, refuse_incomplete, refuse_unwritable
from .units import UNKNOWN_ORDER, ExchangeFile, ReadFile, Unit, UnitFaultError, UnitState, units_by_text

CHARSET = re.compile(r"charset=([^\s;]+)", re.IGNORECASE)
UTF8_NAMES = frozenset(("utf-8", "utf8", "us-ascii", "ascii", "charset"))
HEADER = "X-WagtailLocalize-TranslationID"
SOURCE_LANGUAGE = "X-Source-Language"
SOURCE_REVISION = "X-Source-Revision"
OCCURRENCE = "segment"
ORDER = re.compile(r"[0-9]{1,9}")
FUZZY = "fuzzy"
MAX_LENGTH = re.compile(r"max-length:\s*([0-9]{1,9})")
# The last line of the comments that are extracted from the source.
FORMER_TARGET = re.compile(r"(?:\A|\n)Former translation: \"(.*)\"\Z")

# polib appends each line to the text before it, which takes quadratic time for texts of many lines.
MAX_LINES_OF_AN_ENTRY = 2_000
# The same holds for the lines of the header, which escaped line breaks within one line of the file separate too.
MAX_LINES_OF_THE_HEADER = 100
MAX_HEADER_LENGTH = 20_000
KEYWORD = re.compile(r"[ \t]*(?:#~[ \t]*)?msg(?:ctxt|id|str)")
MESSAGE = re.compile(r"^[ \t]*(?:#~[ \t]*)?msgid[ \t\"]", re.MULTILINE)


class _Lines(str):
    """A text that only line feeds divide into lines: polib would divide a text at U+2028 and U+0085 too."""

    __slots__ = ()

    def splitlines(self, keepends: bool = False) -> list[str]:
        return self.split("\n")


class _Entries(POFile):
    """The entries of a file. polib finds the header by its empty original, just before it divides it into lines."""

    def find(
        self, st: str, by: str = "msgid", include_obsolete_entries: bool = False, msgctxt: str | Literal[False] = False
    ) -> POEntry | None:
        """Return the entry that polib finds. Raises UnitFaultError for a header that is too long."""
        found = super().find(st, by, include_obsolete_entries, msgctxt)
        if found is not None and not st:
            _refuse_long_header(found.msgstr)
        return found


def parse(file: Readable, name: str, max_units: int | None = None) -> POFile:
    """Return the entries of a PO file, of which no text has a control character and none is there twice.

    Raises ValidationError if the file is too large, empty, packed, not UTF-8, not a PO file, does not say of which
    translation it is, has more entries or more lines in an entry than readers take, or a longer header.
    """
    text = read_limited(file, name)
    _refuse_costly(name, text, max_units)
    try:
        # polib opens a file if the text is the path of one; with a line break it cannot be.
        po = pofile(_Lines(text + "\n"), klass=_Entries)
    except UnitFaultError as error:
        raise ValidationError(_("“%(name)s”: %(reasons)s") % {"name": name, "reasons": error}) from None
    except (OSError, ValueError, IndexError):
        raise ValidationError(_("“%(name)s” is not a PO file.") % {"name": name}) from None
    if HEADER not in po.metadata:
        message = _("The PO file “%(name)s” does not say of which translation it is (header %(header)s).")
        raise ValidationError(message % {"name": name, "header": HEADER})
    seen = set()
    for entry in po:
        for part in (entry.msgstr, entry.msgid, entry.msgctxt, entry.previous_msgid, entry.comment, entry.tcomment):
            refuse_text_at(name, entry.linenum, part or "")
        if entry_key(entry) in seen:
            raise refuse_at(name, entry.linenum, _("This entry is there twice."))
        seen.add(entry_key(entry))
    return po


def read(
    file: Readable, name: str, translation_ids: Collection[str] | None = None, max_units: int | None = None
) -> tuple[ReadFile, ...]:
    """Return the translation of a PO file, with the entries that were refused. Obsolete entries are no units.

    They count in `max_units`, since polib reads them too. Raises ValidationError if the file is refused: see `parse`
    and `checked_files`, and for a header with another encoding.
    """
    po = parse(file, name, max_units=max_units)
    if charset := wrong_charset(po):
        raise mislabelled(name, charset)
    collector = UnitCollector(name, max_units)
    for entry in po:
        if not entry.obsolete:
            context, read_unit = entry.msgctxt or "", partial(_read_unit, entry)
            collector.add(entry.linenum, entry_key(entry), context, entry.msgid, read_unit, _orders(entry))
    content = ExchangeFile(
        translation_id=po.metadata[HEADER],
        title=po.metadata.get("Project-Id-Version", ""),
        source_language=po.metadata.get(SOURCE_LANGUAGE, ""),
        target_language=po.metadata.get("Language", ""),
        source_revision=po.metadata.get(SOURCE_REVISION, ""),
        units=tuple(collector.units),
    )
    return checked_files(name, [ReadFile(content, tuple(collector.refused))], translation_ids)


def write(file: ExchangeFile) -> bytes:
    """Return a translation as a PO file.

    Raises ValidationError for a control character, and ValueError for two units with the same order.
    """
    refuse_unwritable(file)
    po = POFile(wrapwidth=0)
    po.metadata = {
        "Project-Id-Version": " ".join(file.title.split()),
        "Language": file.target_language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        SOURCE_LANGUAGE: file.source_language,
        SOURCE_REVISION: file.source_revision,
        HEADER: file.translation_id,
    }
    for units in units_by_text(file.units).values():
        po.append(_entry(units))
    return f"{po}\n".encode()


def wrong_charset(po: POFile) -> str:
    """Return the encoding of the header if it is not UTF-8. An empty template says “CHARSET”."""
    found = CHARSET.search(po.metadata.get("Content-Type", ""))
    return found[1] if found and found[1].lower() not in UTF8_NAMES else ""


def entry_key(entry: POEntry) -> tuple[str, str]:
    """Return (context, source) of an entry."""
    return entry.msgctxt or "", entry.msgid


def _refuse_costly(name: str, text: str, max_units: int | None) -> None:
    """Raise ValidationError for more entries, or more lines in one entry, than polib reads in a short time."""
    refuse_surplus_units(name, sum(1 for _found in MESSAGE.finditer(text)), max_units)
    lines = 0
    for number, line in enumerate(text.split("\n"), start=1):
        breaks = line.replace(r"\\", "").count(r"\n")
        lines = breaks if KEYWORD.match(line) else lines + max(breaks, 1)
        if lines > MAX_LINES_OF_AN_ENTRY:
            reason = _("the entry has more than %(number)s lines.") % {"number": MAX_LINES_OF_AN_ENTRY}
            raise refuse_at(name, number, reason)


def _refuse_long_header(header: str) -> None:
    if len(header) > MAX_HEADER_LENGTH or len(header.splitlines()) > MAX_LINES_OF_THE_HEADER:
        values = {"length": MAX_HEADER_LENGTH, "lines": MAX_LINES_OF_THE_HEADER}
        raise UnitFaultError(
            _("the header has more than %(length)s characters or %(lines)s lines: export the file again.") % values
        )


def _entry(units: list[Unit]) -> POEntry:
    """Return the entry of the units that have the same context and source."""
    unit = units[0]
    comments = [unit.note] if unit.note else []
    if unit.former_target:
        comments.append(f'Former translation: "{escape(unit.former_target)}"')
    entry = POEntry(msgctxt=unit.context, msgid=unit.source, msgstr=unit.target, comment="\n".join(comments))
    entry.occurrences = [(OCCURRENCE, str(each.order)) for each in units if each.order != UNKNOWN_ORDER]
    if unit.state is UnitState.NEEDS_EDITING:
        entry.flags.append(FUZZY)
    if unit.max_length is not None:
        entry.flags.append(f"max-length:{unit.max_length}")
    if unit.former_source:
        entry.previous_msgid = unit.former_source
    return entry


def _orders(entry: POEntry) -> list[int]:
    """Return the positions of an entry in the content; [] if it does not state them."""
    found = (line for file, line in entry.occurrences if file == OCCURRENCE and ORDER.fullmatch(line))
    return list(dict.fromkeys(map(int, found)))


def _read_unit(entry: POEntry) -> Unit:
    """Return the unit of an entry, without its position. Raises UnitFaultError if it has no context or bad HTML."""
    refuse_incomplete(entry.msgctxt or "", entry.msgid)
    former_source, former_target, comment = canonical_html(entry.previous_msgid or ""), "", entry.comment
    if former_source and (found := FORMER_TARGET.search(comment)):
        comment, former_target = comment[: found.start()], canonical_html(unescape(found[1]))
    target = parse_html(entry.msgstr)
    if target.faults:
        raise UnitFaultError(target.faults[0])
    is_translated = bool(target.html.strip())
    limits = [int(found[1]) for flag in entry.flags if (found := MAX_LENGTH.fullmatch(flag))]
    state = UnitState.NEEDS_EDITING if entry.fuzzy else UnitState.TRANSLATED
    return Unit(
        context=entry.msgctxt,
        order=UNKNOWN_ORDER,
        source=canonical_html(entry.msgid),
        target=target.html if is_translated else "",
        state=state if is_translated else UnitState.UNTRANSLATED,
        former_source=former_source,
        former_target=former_target,
        note="\n".join(note for note in (comment, entry.tcomment) if note),
        max_length=limits[0] if limits else None,
    )
