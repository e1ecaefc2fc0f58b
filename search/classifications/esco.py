"""Reads the official files of ESCO, the classification of the European Commission (https://esco.ec.europa.eu).

`occupations_<language>.csv` and `ISCOGroups_<language>.csv` of a release in CSV, one file for each language, UTF-8.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from django.utils.translation import gettext as _

from search.models import Concept

from .csv_files import ClassificationFileError, CsvRecord, CsvTable, also_on_line, read_csv_table
from .release import ConceptNames, Release, ReleaseEntry, alternative_names, release_number

OCCUPATION = re.compile(r"http://data\.europa\.eu/esco/occupation/(?P<code>[0-9A-Za-z-]+)")
# An occupation belongs to a unit group, which has four digits. A spreadsheet takes the zero from 0110.
UNIT_GROUP = re.compile(r"C?(?P<group>[0-9]{4})")
GROUP = re.compile(r"C?(?P<group>[0-9]{1,4})")
GROUP_URI = re.compile(r"http://data\.europa\.eu/esco/isco/C(?P<group>[0-9]{1,4})")
NOTATION = re.compile(r"[0-9]{4}(\.[0-9]+)*")
LANGUAGE_IN_NAME = re.compile(r"_(?P<language>[a-z]{2})$")
# Languages in which ESCO is published.
LANGUAGES = frozenset((
    "ar", "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr", "hu", "is", "it", "lt", "lv", "mt",
    "nl", "no", "pl", "pt", "ro", "sk", "sl", "sv", "uk",
))  # fmt: skip
OCCUPATION_COLUMNS = ("conceptUri", "iscoGroup", "preferredLabel", "altLabels")
GROUP_COLUMNS = ("conceptUri", "code", "preferredLabel", "altLabels")
MAXIMUM_ECHO_LENGTH = 100  # characters of a wrong value that a message repeats
OPTIONAL_COLUMNS = ("hiddenLabels", "status", "code")


def read_esco(paths: Sequence[Path], *, language: str = "", release: str = "") -> list[Release]:
    """Return a release of the occupations and, if their files are given, one of the ISCO groups.

    `language` applies to a single file whose name does not contain it; `release` names the release if no folder or
    file name does. Raises ClassificationFileError.
    """
    entries: dict[Concept.Scheme, dict[str, ReleaseEntry]] = {}
    languages: dict[Concept.Scheme, list[str]] = {}
    for path in paths:
        code = _language_of(path, language)
        table = read_csv_table(path, required=(OCCUPATION_COLUMNS, GROUP_COLUMNS), optional=OPTIONAL_COLUMNS)
        is_occupations = table.columns >= set(OCCUPATION_COLUMNS)
        scheme = Concept.Scheme.ESCO if is_occupations else Concept.Scheme.ISCO
        if code in languages.setdefault(scheme, []):
            message = _("%(file)s: a second file of the same kind in “%(language)s”.")
            raise ClassificationFileError(message % {"file": path.name, "language": code})
        languages[scheme].append(code)
        _add(entries.setdefault(scheme, {}), table, code, is_occupations=is_occupations)
    name = release or max((release_number(str(path)) for path in paths), default="")
    return [Release(scheme, name, tuple(languages[scheme]), by_code) for scheme, by_code in entries.items()]


def _language_of(path: Path, language: str) -> str:
    if not language:
        match = LANGUAGE_IN_NAME.search(path.stem)
        if match is None:
            message = _("%(file)s: the name does not end with a language (occupations_fr.csv); say --language.")
            raise ClassificationFileError(message % {"file": path.name})
        language = match["language"]
    if language not in LANGUAGES:
        message = _("%(file)s: ESCO has no language “%(language)s”; it has %(languages)s.")
        names = {"file": path.name, "language": language, "languages": ", ".join(sorted(LANGUAGES))}
        raise ClassificationFileError(message % names)
    return language


def _add(entries: dict[str, ReleaseEntry], table: CsvTable, language: str, *, is_occupations: bool) -> None:
    lines: dict[str, int] = {}
    for row in table.records:
        entry = _occupation(row) if is_occupations else _group(row)
        if entry.code in lines:
            raise row.error("conceptUri", also_on_line(row["conceptUri"], lines[entry.code]))
        lines[entry.code] = row.line
        preferred = row["preferredLabel"]
        others = f"{row['altLabels']}\n{row['hiddenLabels']}".splitlines()
        names = ConceptNames(preferred, alternative_names(others, preferred))
        entries.setdefault(entry.code, entry).names[language] = names


def _occupation(row: CsvRecord) -> ReleaseEntry:
    uri = OCCUPATION.fullmatch(row["conceptUri"])
    if uri is None:
        raise _wrong_value(row, "conceptUri", _("“%(value)s” is not the address of an ESCO occupation."))
    group = UNIT_GROUP.fullmatch(row["iscoGroup"])
    if row["iscoGroup"] and group is None:
        raise _wrong_value(row, "iscoGroup", _("“%(value)s” is not an ISCO group of four digits."), _lost_zero())
    if row["code"] and not NOTATION.fullmatch(row["code"]):
        raise _wrong_value(row, "code", _("“%(value)s” is not a code of ESCO such as 2635.3."), _lost_zero())
    return ReleaseEntry(uri["code"].lower(), row["code"], group["group"] if group else "", _status(row))


def _group(row: CsvRecord) -> ReleaseEntry:
    group = GROUP.fullmatch(row["code"])
    if group is None:
        raise _wrong_value(row, "code", _("“%(value)s” is not an ISCO group of one to four digits."))
    uri = GROUP_URI.fullmatch(row["conceptUri"])
    if uri is not None and uri["group"] != group["group"]:
        reason = _("“%(value)s” is not the code in “%(address)s”.")
        raise _wrong_value(row, "code", reason, _lost_zero())
    return ReleaseEntry(group["group"], status=_status(row))


def _wrong_value(row: CsvRecord, column: str, reason: str, hint: str = "") -> ClassificationFileError:
    """Return the error for a value. `reason` may hold the value and the URL of the record."""
    text = reason % {"value": row[column][:MAXIMUM_ECHO_LENGTH], "address": row["conceptUri"][:MAXIMUM_ECHO_LENGTH]}
    return row.error(column, f"{text} {hint}".rstrip())


def _lost_zero() -> str:
    return _("If a spreadsheet took the zero at its start, use the file as it was published.")


def _status(row: CsvRecord) -> Concept.Status:
    return Concept.Status.CURRENT if row["status"] in {"", "released"} else Concept.Status.OBSOLETE
