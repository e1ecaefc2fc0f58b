"""Imports official releases and reports their effect on published professions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction

from cms.delivery.models import PublishedDocument
from search.indexing.triggers import schedule_index_update
from search.models import Concept, ConceptLabel
from search.taxonomy.concepts import PAGES_AT_ONCE, code_of

from .concept_store import ReleaseChanges, store_release
from .release import Release


@dataclass(frozen=True, order=True)
class CodeUsage:
    """A published page that uses a code."""

    department: str
    title: str
    locale: str

    def __str__(self) -> str:
        return f"{self.department}, {self.title} ({self.locale})"


def import_official(releases: Iterable[Release]) -> list[str]:
    """Store releases in one transaction, enqueue an index update and return the lines of a report."""
    with transaction.atomic():
        lines = [line for release in releases for line in _report(release, store_release(release))]
        transaction.on_commit(schedule_index_update)
    return lines


def codes_in_use(scheme: str) -> dict[str, list[CodeUsage]]:
    """Return the published pages of all departments by their code in a scheme. One query."""
    usages: defaultdict[str, list[CodeUsage]] = defaultdict(list)
    rows = PublishedDocument.objects.public().filter(type="profession").select_related("department")
    for document in rows.iterator(chunk_size=PAGES_AT_ONCE):
        data = document.data
        if data and (code := code_of(data["content"], scheme)):
            usages[code].append(CodeUsage(document.department_slug, data["title"], data["locale"]))
    return {code: sorted(pages) for code, pages in sorted(usages.items())}


def _report(release: Release, changes: ReleaseChanges) -> Iterator[str]:
    """Yield the report on a release: its numbers of changes, and each code in use that needs attention."""
    name = f"{Concept.Scheme(release.scheme).label} {release.name}".strip()
    yield (
        f"{name}: {len(changes.added)} added, {len(changes.changed)} changed, {len(changes.dropped)} dropped; "
        f"{len(release.entries)} in the files ({', '.join(release.languages)})"
    )
    usages = codes_in_use(release.scheme)
    statuses = dict(Concept.objects.filter(scheme=release.scheme, code__in=list(usages)).values_list("code", "status"))
    names = _names(release, list(usages))
    to_check = 0
    for code, pages in usages.items():
        reasons = list(_reasons(release, changes, code, statuses.get(code)))
        if reasons:
            to_check += 1
            yield f"  {' '.join(filter(None, (code, names.get(code, ''))))}: {'; '.join(reasons)}"
            yield from (f"    {page}" for page in pages)
    yield f"{len(usages)} codes in use on published pages, {to_check} to look at"


def _reasons(release: Release, changes: ReleaseChanges, code: str, status: str | None) -> Iterator[str]:
    if code in changes.dropped:
        yield "dropped by this release"
    elif status == Concept.Status.DROPPED or (release.is_complete and code not in release.entries):
        yield "not in this release"
    elif status == Concept.Status.OBSOLETE:
        yield "obsolete"
    if code in changes.moved:
        yield "ISCO group changed from “{}” to “{}”".format(*changes.moved[code])
    for language, old, new in changes.renamed.get(code, ()):
        yield f"name in “{language}” changed from “{old}” to “{new}”"
    if languages := changes.reworded.get(code):
        yield f"other names changed in {', '.join(f'“{language}”' for language in languages)}"


def _names(release: Release, codes: list[str]) -> dict[str, str]:
    """Return the name of each code in the first language of a release that has one."""
    labels = ConceptLabel.objects.filter(concept__scheme=release.scheme, concept__code__in=codes).exclude(preferred="")
    order = {language: rank for rank, language in enumerate(release.languages)}
    rows = sorted(
        labels.values_list("language", "concept__code", "preferred"),
        key=lambda row: order.get(row[0], len(order)),
        reverse=True,
    )
    return {code: preferred for _language, code, preferred in rows}
