"""Stores a release of a classification: compares it with the tables of concepts and writes the differences in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction

from search.models import Concept, ConceptCounter, ConceptLabel

from .release import Release, ReleaseEntry

BATCH = 2000
ATTRIBUTES = ("notation", "group", "status", "is_official")


@dataclass
class ReleaseChanges:
    """The codes that a release added, changed and dropped.

    By code of an existing concept: `renamed` has (language, old name, new name), `reworded` the languages whose
    alternative names changed, `moved` the (old, new) ISCO group.
    """

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    renamed: defaultdict[str, list[tuple[str, str, str]]] = field(default_factory=lambda: defaultdict(list))
    reworded: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    moved: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass
class _LabelChanges:
    """Labels to write as (code, language, preferred, alternatives), keys of rows to delete, codes of their concepts."""

    written: list[tuple[str, str, str, list[str]]] = field(default_factory=list)
    deleted: list[int] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)


@transaction.atomic
def store_release(release: Release, source: ConceptLabel.Source = ConceptLabel.Source.OFFICIAL) -> ReleaseChanges:
    """Store the concepts of a release and their labels from one source; return the differences.

    A concept that a complete release no longer contains is marked as dropped and keeps its labels, so that pages with
    its code are still found by them. A source other than the official one changes only the labels of an existing
    concept. One transaction; a few queries for each 2,000 changed rows.
    """
    counter = ConceptCounter.locked()
    is_official = source == ConceptLabel.Source.OFFICIAL
    existing = {concept.code: concept for concept in Concept.objects.filter(scheme=release.scheme)}
    changes = ReleaseChanges()
    labels = _compare_labels(release, source, changes)
    written: list[Concept] = []
    for entry in release.entries.values():
        concept = existing.get(entry.code)
        was_official = concept is not None and concept.is_official
        state, group = _state(concept), concept.group if concept is not None else ""
        concept = concept or Concept(scheme=release.scheme, code=entry.code)
        if is_official or concept.pk is None:
            _update(concept, entry, is_official=is_official)
        if concept.pk is not None and state == _state(concept) and entry.code not in labels.codes:
            continue
        if was_official and concept.group != group:
            changes.moved[entry.code] = (group, concept.group)
        is_new = concept.pk is None or (is_official and not was_official)
        (changes.added if is_new else changes.changed).append(entry.code)
        written.append(concept)
    if is_official and release.is_complete:
        for code, concept in existing.items():
            if code not in release.entries and concept.is_official and concept.status != Concept.Status.DROPPED:
                concept.status = Concept.Status.DROPPED
                changes.dropped.append(code)
                written.append(concept)
    if written:
        counter.last += 1
        counter.save(update_fields=["last"])
        _write(release, source, written, labels, counter.last)
    return changes


def _state(concept: Concept | None) -> tuple[object, ...]:
    return tuple(getattr(concept, name) for name in ATTRIBUTES) if concept is not None else ()


def _update(concept: Concept, entry: ReleaseEntry, *, is_official: bool) -> None:
    concept.notation = entry.notation or concept.notation
    concept.group = entry.group or concept.group
    concept.status = entry.status
    concept.is_official = is_official


def _compare_labels(release: Release, source: ConceptLabel.Source, changes: ReleaseChanges) -> _LabelChanges:
    """Compare the labels of a release with the stored ones, one language at a time to save memory."""
    labels = _LabelChanges()
    for language in release.languages:
        rows = ConceptLabel.objects.filter(concept__scheme=release.scheme, language=language, source=source)
        stored = {
            code: (key, preferred, list(alternatives))
            for key, code, preferred, alternatives in rows.values_list(
                "pk", "concept__code", "preferred", "alternatives"
            )
        }
        for code, entry in release.entries.items():
            key, preferred, alternatives = stored.get(code, (None, "", []))
            names = entry.names.get(language)
            new_preferred = names.preferred if names else ""
            new_alternatives = names.alternatives if names else ()
            new_preferred = preferred if new_preferred is None else new_preferred
            new_list = alternatives if new_alternatives is None else list(new_alternatives)
            if (new_preferred, new_list) == (preferred, alternatives):
                continue
            labels.codes.add(code)
            if key is not None and preferred != new_preferred:
                changes.renamed[code].append((language, preferred, new_preferred))
            elif key is not None:
                changes.reworded[code].append(language)
            if new_preferred or new_list:
                labels.written.append((code, language, new_preferred, new_list))
            elif key is not None:
                labels.deleted.append(key)
    return labels


def _write(
    release: Release, source: ConceptLabel.Source, concepts: list[Concept], labels: _LabelChanges, change: int
) -> None:
    for concept in concepts:
        concept.change = change
        concept.release = release.name
        # The upsert finds existing rows by their code; rows with and without keys do not fit into one statement.
        concept.pk = None
    Concept.objects.bulk_create(
        concepts,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["scheme", "code"],
        update_fields=[*ATTRIBUTES, "release", "change"],
    )
    for keys in _chunks(labels.deleted):
        ConceptLabel.objects.filter(pk__in=keys).delete()
    keys_of = dict(Concept.objects.filter(scheme=release.scheme).values_list("code", "pk"))
    ConceptLabel.objects.bulk_create(
        [
            ConceptLabel(
                concept_id=keys_of[code],
                language=language,
                source=source,
                preferred=preferred,
                alternatives=alternatives,
            )
            for code, language, preferred, alternatives in labels.written
        ],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["concept", "language", "source"],
        update_fields=["preferred", "alternatives"],
    )


def _chunks(keys: list[int]) -> Iterable[list[int]]:
    return (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))
