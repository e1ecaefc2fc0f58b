"""Imports the entries of an uploaded PO file that belong to a translation.

wagtail-localize reads the file with the encoding of its header, imports entries marked fuzzy, and reports a success
without a stored string; its parser raises unexpected exceptions for invalid files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from polib import POEntry, POFile
from wagtail_localize.models import StringSegment, StringTranslation, Translation

from .exchange.inline_codes import refuse_unreadable
from .exchange.po import HEADER, entry_key, parse, wrong_charset
from .exchange.units import UnitFaultError

ENTRIES_SHOWN = 5
TOOL_NAME = "PO File"


@dataclass
class PoImport:
    """The numbers of entries that were imported, and the entries that were left out, by reason."""

    total: int = 0
    fitted: int = 0
    changed: int = 0
    fuzzy: list[POEntry] = field(default_factory=list)
    empty: list[POEntry] = field(default_factory=list)
    without_context: list[POEntry] = field(default_factory=list)
    unknown: list[POEntry] = field(default_factory=list)
    unreadable: list[POEntry] = field(default_factory=list)
    faulty: list[POEntry] = field(default_factory=list)
    wrong_charset: str = ""


def read_po_upload(file: UploadedFile | None, translation_id: str) -> POFile:
    """Return the parsed content of an uploaded PO file.

    Raises ValidationError with the reason if the file is missing, not of the translation with this id, or refused by
    `exchange.po.parse`.
    """
    if file is None:
        raise ValidationError(_("Choose a PO file."))
    name = str(file.name)
    po = parse(file, name, settings.PO_FILE_MAX_BYTES)
    if po.metadata[HEADER] != translation_id:
        raise ValidationError(_("The PO file “%(name)s” is of another translation.") % {"name": name})
    return po


@transaction.atomic
def import_po(translation: Translation, po: POFile, user: Any) -> PoImport:
    """Store the translations of a parsed PO file; return what was imported and what was left out, with the reasons.

    An entry marked fuzzy is a guess of a program and stays out until a person has removed the mark. Entries that are of
    no text of the content cost no query: wagtail-localize makes up to three for each.
    """
    result = PoImport(total=len(po), wrong_charset=wrong_charset(po))
    result.fuzzy = [entry for entry in po if entry.fuzzy]
    result.empty = [entry for entry in po if not entry.fuzzy and not entry.msgstr]
    known = _known_texts(translation)
    candidates = POFile()
    candidates.metadata = po.metadata
    for entry in po:
        if not entry.msgstr or entry.fuzzy:
            continue
        if entry_key(entry) not in known:
            (result.unknown if entry.msgctxt else result.without_context).append(entry)
            continue
        try:
            refuse_unreadable(entry.msgstr)
        except UnitFaultError:
            result.unreadable.append(entry)
        else:
            candidates.append(entry)
    before = _stored_texts(translation)
    left_out = set()
    for warning in translation.import_po(candidates, user=user, tool_name=TOOL_NAME):
        left_out.add(warning.index)
        result.unknown.append(candidates[warning.index])
    fitted = [entry for index, entry in enumerate(candidates) if index not in left_out]
    after = _stored_texts(translation)
    result.fitted = len(fitted)
    result.changed = sum(before.get(key) != text for key, text in after.items())
    faulty = set(_stored(translation).filter(has_error=True).values_list("translation_of__data", "context__path"))
    result.faulty = [entry for entry in fitted if (entry.msgid, entry.msgctxt) in faulty]
    return result


def import_messages(result: PoImport, name: str) -> list[tuple[bool, str]]:
    """Return (is a success, text) of each message about an import, the numbers first."""
    values = {"name": name, "fitted": result.fitted, "total": result.total, "changed": result.changed}
    summary = (
        _("“%(name)s”: %(fitted)d of %(total)d entries fit and are stored; %(changed)d of them are new or changed.")
        if result.fitted
        else _("“%(name)s”: nothing was imported. None of its %(total)d entries fits and has a translation.")
    )
    texts = [(bool(result.fitted), summary % values)]
    if result.wrong_charset:
        message = _("Its header says %(charset)s, but its text is UTF-8 and was read as UTF-8.")
        texts.append((False, message % {"charset": result.wrong_charset}))
    reasons = (
        (
            result.fuzzy,
            _(
                "Left out because they are marked fuzzy, as guesses (%(number)d): %(entries)s. Check them, remove the "
                "marks and import the file again."
            ),
        ),
        (
            result.without_context,
            _(
                "Left out because their context (msgctxt) is missing (%(number)d): %(entries)s. Download the file "
                "again and use a program that keeps the contexts."
            ),
        ),
        (
            result.unknown,
            _("Left out because no text of this content is exactly their original (%(number)d): %(entries)s."),
        ),
        (
            result.faulty,
            _("Stored but not used, because tags or links differ from the original (%(number)d): %(entries)s."),
        ),
        (
            result.unreadable,
            _("Left out because tags of the translation are not allowed or do not end (%(number)d): %(entries)s."),
        ),
        (result.empty, _("Without a translation: %(number)d.")),
    )
    texts += [
        (False, message % {"number": len(entries), "entries": _names(entries)})
        for entries, message in reasons
        if entries
    ]
    return texts


def _names(entries: list[POEntry]) -> str:
    """Return the lines and texts of the first entries."""
    names = [
        _("line %(line)s (“%(text)s”)") % {"line": entry.linenum, "text": _shortened(entry.msgid)}
        for entry in entries[:ENTRIES_SHOWN]
    ]
    return ", ".join(names) + (", …" if len(entries) > ENTRIES_SHOWN else "")


def _shortened(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"


def _known_texts(translation: Translation) -> set[tuple[str, str]]:
    """Return (context, original) of the texts of the source, and of former ones that have a translation."""
    source = translation.source
    segments = StringSegment.objects.filter(source=source).values_list("context__path", "string__data")
    stored = StringTranslation.objects.filter(context__object_id=source.object_id)
    return {*segments, *stored.values_list("context__path", "translation_of__data")}


def _stored(translation: Translation) -> Any:
    return StringTranslation.objects.filter(
        context__object_id=translation.source.object_id, locale_id=translation.target_locale_id
    )


def _stored_texts(translation: Translation) -> dict[int, str]:
    return dict(_stored(translation).values_list("pk", "data"))
