"""Memories as TMX files and glossaries as TBX files: written for a department and one language, and read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from wagtail.models import Locale

from cms.translations.exchange import tbx, tmx
from cms.translations.exchange.incoming_files import Readable
from cms.translations.exchange.inline_codes import shortened
from cms.translations.exchange.units import RefusedUnit
from cms.translations.memory.pair_storage import MAX_PAIRS, TextPair, is_storable, store_pairs
from cms.translations.memory.signatures import Scope
from cms.translations.models import GlossaryTerm, MemoryPair
from cms.translations.models.language_data.glossary_term import MAX_NOTE_LENGTH, MAX_TERM_LENGTH
from sites.models import Department

from .term_matching import TermTranslation
from .term_storage import add_terms

# The number of terms of one concept, in one language.
MAX_TERMS_OF_CONCEPT = 10
OUTDATED_TERMS = frozenset((tbx.TermStatus.DEPRECATED, tbx.TermStatus.SUPERSEDED))


@dataclass(frozen=True)
class ResourceReport:
    """The number of pairs or terms that are new, of those that were there or cannot be used, and the refused ones."""

    added: int
    kept: int
    refused: tuple[RefusedUnit, ...]


def write_memory(department: Department, target: Locale, limit: int | None = None) -> bytes:
    """Return the memory of a department into a language as TMX: at most `limit` pairs, those used last.

    Without a limit, as many as a file may have that is imported (TRANSLATION_FILE_MAX_UNITS).
    """
    pairs = MemoryPair.objects.filter(department=department, target_locale=target).select_related("source_locale")
    found = pairs.order_by("-used_at", "-pk")[: limit or settings.TRANSLATION_FILE_MAX_UNITS]
    entries = (
        tmx.MemoryEntry(
            source_language=pair.source_locale.language_code,
            target_language=target.language_code,
            source=pair.source,
            target=pair.target,
            changed=pair.used_at,
        )
        for pair in found
    )
    return tmx.write(list(entries))


def write_glossary(department: Department, target: Locale) -> bytes:
    """Return the glossary of a department into a language as TBX: one concept for each term, with its notes."""
    terms = GlossaryTerm.objects.filter(department=department, target_locale=target).select_related("source_locale")
    by_source: defaultdict[tuple[str, str], list[GlossaryTerm]] = defaultdict(list)
    for term in terms:
        by_source[term.source_locale.language_code, term.source].append(term)
    concepts = [
        tbx.ConceptEntry(
            f"c{number}",
            (
                tbx.Term(language, source),
                *(tbx.Term(target.language_code, term.target) for term in found),
            ),
            definition=next((term.note for term in found if term.note), ""),
        )
        for number, ((language, source), found) in enumerate(by_source.items(), start=1)
    ]
    return tbx.write(f"{department.name} – {target.language_code}", department.source_locale.language_code, concepts)


def read_memory(department: Department, file: Readable, name: str, limit: int | None = None) -> ResourceReport:
    """Store the pairs of a TMX file in the memory of a department.

    The texts of a pair into the source language of the department are swapped. Pairs of other languages, and texts
    that are too long or have no letters, count as kept. Raises ValidationError, and stores nothing, if the file is
    refused, if it has more pairs than `limit`, or if the memory would have too many.
    """
    read = tmx.read(file, name)
    _refuse_beyond(name, len(read.entries), limit)
    scopes = _Scopes(department)
    pairs: defaultdict[Scope, list[TextPair]] = defaultdict(list)
    for entry in read.entries:
        used_at = entry.changed or entry.created
        scope = scopes.of(entry.source_language, entry.target_language)
        if scope is not None and is_storable(entry.source, entry.target):
            pairs[scope].append(TextPair(entry.source, entry.target, used_at))
        elif (scope := scopes.of(entry.target_language, entry.source_language)) is not None and is_storable(
            entry.target, entry.source
        ):
            pairs[scope].append(TextPair(entry.target, entry.source, used_at))
    number = sum(map(len, pairs.values()))
    if MemoryPair.objects.filter(department=department).count() + number > MAX_PAIRS:
        message = _("A department has at most %(number)s texts in its translation memory.")
        raise ValidationError(message % {"number": MAX_PAIRS})
    added = sum(store_pairs(scope, texts, MemoryPair.Origin.IMPORTED) for scope, texts in pairs.items())
    return ResourceReport(added, len(read.entries) - added, read.refused)


def read_glossary(department: Department, file: Readable, name: str, limit: int | None = None) -> ResourceReport:
    """Add the terms of a TBX file to the glossary of a department, each with its translations.

    Terms that the file calls outdated are left out. Raises ValidationError, and stores nothing, if the file is refused,
    if it has more concepts than `limit`, or if the glossary would have too many terms.
    """
    read = tbx.read(file, name)
    _refuse_beyond(name, len(read.concepts), limit)
    source = department.source_locale
    scopes = _Scopes(department)
    terms: defaultdict[Scope, list[TermTranslation]] = defaultdict(list)
    refused = list(read.refused)
    for concept in read.concepts:
        current = [term for term in concept.terms if term.status not in OUTDATED_TERMS]
        if any(len(term.text) > MAX_TERM_LENGTH for term in current):
            reason = _("A term has more than %(number)s characters.") % {"number": MAX_TERM_LENGTH}
            refused.append(RefusedUnit(1, concept.concept_id, shortened(current[0].text), reason))
            continue
        sources = [term for term in current if scopes.locale_of(term.language) == source.pk]
        for original in sources[:MAX_TERMS_OF_CONCEPT]:
            for scope, found in _translations(scopes, original, current).items():
                note = concept.definition[:MAX_NOTE_LENGTH]
                terms[scope] += [TermTranslation(original.text, each.text, note) for each in found]
    number = sum(map(len, terms.values()))
    added = sum(add_terms(scope, found, GlossaryTerm.Origin.IMPORTED).added for scope, found in terms.items())
    return ResourceReport(added, number - added, tuple(refused))


class _Scopes:
    """Finds the languages of a department by the codes of a file: "fr-FR" is "fr" unless the department has "fr-FR"."""

    def __init__(self, department: Department) -> None:
        self._department = department.pk
        self._source = department.source_locale.pk
        self._locales = {code.lower(): pk for code, pk in department.locales.values_list("language_code", "pk")}

    def locale_of(self, language: str) -> int | None:
        code = language.lower().replace("_", "-")
        return self._locales.get(code, self._locales.get(code.partition("-")[0]))

    def of(self, source: str, target: str) -> Scope | None:
        """Return the scope of a pair from the source language into another one of the department, else None."""
        keys = self.locale_of(source), self.locale_of(target)
        if keys[0] != self._source or keys[1] is None or keys[1] == self._source:
            return None
        return Scope(self._department, self._source, keys[1])


def _translations(scopes: _Scopes, original: tbx.Term, terms: Iterable[tbx.Term]) -> dict[Scope, list[tbx.Term]]:
    found: defaultdict[Scope, list[tbx.Term]] = defaultdict(list)
    for term in terms:
        scope = scopes.of(original.language, term.language)
        if scope is not None and len(found[scope]) < MAX_TERMS_OF_CONCEPT:
            found[scope].append(term)
    return found


def _refuse_beyond(name: str, number: int, limit: int | None) -> None:
    if limit is not None and number > limit:
        message = _("“%(name)s” has more than %(number)s entries: divide it, or let the operator import it by command.")
        raise ValidationError(message % {"name": name, "number": limit})
