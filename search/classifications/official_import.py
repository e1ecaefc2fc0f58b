"""Imports official releases and says what they mean for the published professions that carry their codes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction

from cms.delivery.models import PublishedDocument
from search.indexing.triggers import schedule_index_update
from search.models import Concept, ConceptLabel
from search.taxonomy.concepts import code_of

from .concept_store import ReleaseChanges, store_release
from .release import Release

CHUNK = 500


@dataclass(frozen=True, order=True)
class CodeUsage:
    """A published page that carries a code."""

    department: str
    title: str
    locale: str

    def __str__(self) -> str:
        return f"{self.department}, {self.title} ({self.locale})"


def import_official(releases: Iterable[Release]) -> list[str]:
    """Write releases, all or none, have the index follow, and return the lines of the report."""
    with transaction.atomic():
        lines = [line for release in releases for line in _report(release, store_release(release))]
        transaction.on_commit(schedule_index_update)
    return lines


def codes_in_use(scheme: str) -> dict[str, list[CodeUsage]]:
    """Return the published pages of all departments by the code of a scheme that they carry. One query."""
    found: defaultdict[str, list[CodeUsage]] = defaultdict(list)
    rows = PublishedDocument.objects.public().filter(type="profession").select_related("department")
    for document in rows.iterator(chunk_size=CHUNK):
        data = document.data
        if code := code_of(data["content"], scheme):
            found[code].append(CodeUsage(document.department_slug, data["title"], data["locale"]))
    return {code: sorted(uses) for code, uses in sorted(found.items())}


def _report(release: Release, changes: ReleaseChanges) -> Iterator[str]:
    """Yield the lines that say what a release changed, and for each code in use what somebody has to look at."""
    name = f"{Concept.Scheme(release.scheme).label} {release.name}".strip()
    yield (
        f"{name}: {len(changes.added)} added, {len(changes.changed)} changed, {len(changes.dropped)} dropped; "
        f"{len(release.entries)} in the files ({', '.join(release.languages)})"
    )
    uses = codes_in_use(release.scheme)
    statuses = dict(Concept.objects.filter(scheme=release.scheme, code__in=list(uses)).values_list("code", "status"))
    names = _names(release, list(uses))
    concerned = 0
    for code, pages in uses.items():
        reasons = list(_reasons(release, changes, code, statuses.get(code)))
        if reasons:
            concerned += 1
            yield f"  {' '.join(filter(None, (code, names.get(code, ''))))}: {'; '.join(reasons)}"
            yield from (f"    {page}" for page in pages)
    yield f"{len(uses)} codes in use on published pages, {concerned} to look at"


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
    """Return what codes are called in the first language of a release that names them."""
    labels = ConceptLabel.objects.filter(concept__scheme=release.scheme, concept__code__in=codes).exclude(preferred="")
    order = {language: place for place, language in enumerate(release.languages)}
    rows = sorted(
        labels.values_list("language", "concept__code", "preferred"),
        key=lambda row: order.get(row[0], len(order)),
        reverse=True,
    )
    return {code: preferred for _language, code, preferred in rows}
