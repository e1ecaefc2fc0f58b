"""Gives the demo's professions names in several languages, until official files bring theirs."""

from __future__ import annotations

import tomllib

from django.db import transaction

from search.classifications.concept_store import store_release
from search.classifications.release import ConceptNames, Release, ReleaseEntry
from search.indexing.triggers import schedule_index_update
from search.models import Concept, ConceptLabel

from .content_files import FOLDER

FILE = FOLDER / "concepts.toml"
CODES = ("esco", "isco")


def load_concepts() -> None:
    """Bring the names of `concepts.toml` into the instance and have the index follow. Call it inside a transaction."""
    release = read_concepts()
    changes = store_release(release, ConceptLabel.Source.DEMO)
    if changes.added or changes.changed:
        transaction.on_commit(schedule_index_update)


def read_concepts() -> Release:
    """Return the file as a release of ESCO that has only these occupations."""
    entries: dict[str, ReleaseEntry] = {}
    for record in tomllib.loads(FILE.read_text(encoding="utf-8"))["occupation"]:
        names = {
            language: ConceptNames(preferred, tuple(others))
            for language, (preferred, *others) in record.items()
            if language not in CODES
        }
        entries[record["esco"]] = ReleaseEntry(record["esco"], group=record["isco"], names=names)
    languages = dict.fromkeys(language for entry in entries.values() for language in entry.names)
    return Release(Concept.Scheme.ESCO, "", tuple(languages), entries, is_complete=False)
