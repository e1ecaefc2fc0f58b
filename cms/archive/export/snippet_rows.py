"""The organisations and people that a department's content names, and those that stand for it or show its images."""

from __future__ import annotations

from django.db.models import Model, Q

from cms.archive.archive_file import Row
from cms.archive.row_serialization import row_of
from cms.archive.tables import ORGANISATIONS, PEOPLE
from cms.media.models import CustomImage
from cms.pages.models import Organisation, Person

from .export_context import Gathering

SNIPPETS = ((Organisation, ORGANISATIONS), (Person, PEOPLE))


def snippets_in_use(gathering: Gathering) -> dict[type[Model], list[Row]]:
    """Return the rows of all snippets in use, in every language, and note what they refer to in turn.

    They are few beside the pages, and each can lead to another: a person to an organisation.
    """
    rows: dict[type[Model], dict[int, Row]] = {model: {} for model, _table in SNIPPETS}
    images = gathering.written[CustomImage]
    wanted = {
        Organisation: Q(department=gathering.department) | Q(owner=gathering.department) | Q(logo__in=images),
        Person: Q(owner=gathering.department) | Q(photo__in=images),
    }
    while True:
        before = sum(map(len, rows.values()))
        for model, table in SNIPPETS:
            found = model._default_manager.filter(wanted[model] | Q(pk__in=gathering.seen[model]))
            keys = list(found.values_list("translation_key", flat=True))
            for snippet in model._default_manager.filter(translation_key__in=keys).exclude(pk__in=rows[model]):
                rows[model][snippet.pk] = row_of(snippet, table.columns, gathering.names, gathering.visit)
                gathering.written[model].add(snippet.pk)
        if sum(map(len, rows.values())) == before:
            return {model: [by_pk[pk] for pk in sorted(by_pk)] for model, by_pk in rows.items()}
