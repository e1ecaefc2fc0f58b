"""Reads the official files of ROME, France Travail's directory of occupations (open data, in CSV).

`unix_referentiel_code_rome_v…` has the codes with their names, `unix_referentiel_appellation_v…` the names of the
occupations under each code (appellations). The columns that are read exist in all versions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from django.utils.translation import gettext as _

from search.models import Concept

from .csv_files import ClassificationFileError, CsvRecord, CsvTable, also_on_line, read_csv_table
from .release import ConceptNames, Release, ReleaseEntry, alternative_names, release_number

CODE = re.compile(r"[A-N][0-9]{4}")
CODE_COLUMNS = ("code_rome", "libelle_rome")
APPELLATION_COLUMNS = ("code_rome", "libelle_appellation_long")
LANGUAGE = "fr"
# Older releases are published in the first two; Windows programs write the third.
ENCODINGS = ("utf-8", "iso8859-15", "cp1252")


def read_rome(paths: Sequence[Path], *, encoding: str = "utf-8", release: str = "") -> Release:
    """Return a release from a file of codes, a file of appellations, or both.

    Raises ClassificationFileError.
    """
    names: dict[str, str] | None = None
    appellations: dict[str, list[str]] | None = None
    for path in paths:
        table = read_csv_table(path, required=(CODE_COLUMNS, APPELLATION_COLUMNS), encoding=encoding)
        if table.columns >= set(APPELLATION_COLUMNS):
            if appellations is not None:
                raise ClassificationFileError(_("%(file)s: a second file of appellations.") % {"file": path.name})
            appellations = _appellations(table)
        else:
            if names is not None:
                raise ClassificationFileError(_("%(file)s: a second file of codes.") % {"file": path.name})
            names = _names(table)
    known = set(names) if names is not None else _known_codes()
    if appellations is not None and (unknown := sorted(set(appellations) - known)):
        message = _("%(file)s: the file of codes does not have %(codes)s; give both files of one release.")
        raise ClassificationFileError(message % {"file": path.name, "codes": ", ".join(unknown[:10])})
    entries = {
        code: ReleaseEntry(code, names={LANGUAGE: _names_of(code, names, appellations)})
        for code in (names if names is not None else appellations or {})
    }
    name = release or max((release_number(path.name) for path in paths), default="")
    return Release(Concept.Scheme.ROME, name, (LANGUAGE,), entries, is_complete=names is not None)


def _names_of(code: str, names: dict[str, str] | None, appellations: dict[str, list[str]] | None) -> ConceptNames:
    return ConceptNames(
        None if names is None else names[code],
        None if appellations is None else alternative_names(appellations.get(code, ())),
    )


def _names(table: CsvTable) -> dict[str, str]:
    names: dict[str, str] = {}
    lines: dict[str, int] = {}
    for row in table.records:
        code = _code(row)
        if code in names:
            raise row.error("code_rome", also_on_line(code, lines[code]))
        if not row["libelle_rome"]:
            raise row.error("libelle_rome", _("“%(code)s” has no name.") % {"code": code})
        names[code], lines[code] = row["libelle_rome"], row.line
    return names


def _appellations(table: CsvTable) -> dict[str, list[str]]:
    appellations: dict[str, list[str]] = {}
    for row in table.records:
        appellations.setdefault(_code(row), []).append(row["libelle_appellation_long"])
    return appellations


def _code(row: CsvRecord) -> str:
    code = row["code_rome"].upper()
    if not CODE.fullmatch(code):
        reason = _("“%(code)s” is not a ROME code: a letter from A to N and four digits.")
        raise row.error("code_rome", reason % {"code": code[:100]})
    return code


def _known_codes() -> set[str]:
    known = Concept.objects.filter(scheme=Concept.Scheme.ROME, is_official=True)
    return set(known.values_list("code", flat=True))
