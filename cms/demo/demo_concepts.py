"""Loads names of the demo's professions in several languages, as long as no official release is imported."""

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
    """Store the names of `concepts.toml` and schedule an index update. Call it inside a transaction."""
    release = read_concepts()
    changes = store_release(release, ConceptLabel.Source.DEMO)
    if changes.added or changes.changed:
        transaction.on_commit(schedule_index_update)


def read_concepts() -> Release:
    """Return the content of the file as a partial ESCO release."""
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
