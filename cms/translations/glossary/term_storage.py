"""Reads the glossary of a department, and adds terms to it within its limit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail_localize.models import Translation

from cms.translations.memory.signatures import Scope
from cms.translations.models import GlossaryTerm
from sites.access.ownership import departments_owning
from sites.models import Department

from .term_matching import Glossary, TermTranslation

# The number of terms of one department, in all its languages.
MAX_TERMS = 10_000
BATCH = 500


@dataclass(frozen=True)
class AddedTerms:
    """The numbers of terms that were added, and of those that were there or contradict a term of a person."""

    added: int
    kept: int


def glossary_of(translation: Translation) -> Glossary:
    """Return the glossary for a translation. One query if no department has one for its languages, else about four."""
    terms = GlossaryTerm.objects.filter(
        source_locale=translation.source.locale_id, target_locale=translation.target_locale_id
    )
    if not terms.exists():
        return Glossary([])
    department = departments_owning(translation.get_target_instance()).first()
    found = terms.filter(department=department) if department is not None else terms.none()
    return Glossary(TermTranslation(*row) for row in found.values_list("source", "target", "note"))


def has_room_for_term(department: Department) -> bool:
    """Return True if a department may have one more term. Two queries, in the transaction that adds it."""
    _lock(department.pk)
    return GlossaryTerm.objects.filter(department=department).count() < MAX_TERMS


def _lock(department: int) -> None:
    """Let the transactions that add terms to the glossaries of a department wait for each other."""
    list(Department.objects.select_for_update(of=("self",), no_key=True).filter(pk=department).values("pk"))


@transaction.atomic
def add_terms(scope: Scope, terms: Iterable[TermTranslation], origin: str) -> AddedTerms:
    """Add terms to a glossary; return how many were new. About four queries, and one for each `BATCH` of new terms.

    A name of a profession is added only for a term that has no other translation, and replaces former names. An
    imported term is added beside others. Nothing that a person has written is changed. Raises ValidationError if the
    department would have more than MAX_TERMS.
    """
    _lock(scope.department)
    present = GlossaryTerm.objects.filter(
        department=scope.department, source_locale=scope.source_locale, target_locale=scope.target_locale
    )
    is_profession = origin == GlossaryTerm.Origin.PROFESSION
    others = present.exclude(origin=GlossaryTerm.Origin.PROFESSION) if is_profession else present
    known = set(others.values_list("source", "target"))
    translated = {source.casefold() for source, _target in known} if is_profession else set()
    wanted = {(term.source, term.target): term for term in terms}
    new = {
        texts: term for texts, term in wanted.items() if texts not in known and texts[0].casefold() not in translated
    }
    if is_profession:
        former = present.filter(origin=GlossaryTerm.Origin.PROFESSION).values_list("source", "target", "pk")
        keys = {(source, target): pk for source, target, pk in former}
        present.filter(pk__in=[pk for texts, pk in keys.items() if texts not in new]).delete()
        new = {texts: term for texts, term in new.items() if texts not in keys}
    number = GlossaryTerm.objects.filter(department=scope.department).count()
    if number + len(new) > MAX_TERMS:
        message = _("A department has at most %(number)s terms in its glossaries: delete some.")
        raise ValidationError(message % {"number": MAX_TERMS})
    rows = [
        GlossaryTerm(
            department_id=scope.department,
            source_locale_id=scope.source_locale,
            target_locale_id=scope.target_locale,
            source=term.source,
            target=term.target,
            note=term.note,
            origin=origin,
        )
        for term in new.values()
    ]
    GlossaryTerm.objects.bulk_create(rows, batch_size=BATCH)
    return AddedTerms(len(rows), len(wanted) - len(rows))
