"""The texts of a translation as they are in the database now: as units of a file, with the rows that hold them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from wagtail_localize.models import StringSegment, StringTranslation, Translation

from cms.translations.exchange.inline_codes import canonical_html
from cms.translations.exchange.units import Unit, UnitState
from cms.translations.models import OutdatedTranslation
from cms.translations.models.segment_state import SegmentState
from cms.translations.progress.kept_translations import is_usable
from cms.translations.progress.segments import state_of
from cms.translations.progress.update_requests import request_update_of_texts
from cms.translations.text_limits import COPIED_AS_HTML, FieldLimits

BATCH = 500

# The text of a machine is no translation until a person has confirmed it.
STATES = {
    SegmentState.UNTRANSLATED: UnitState.UNTRANSLATED,
    SegmentState.OUTDATED: UnitState.NEEDS_EDITING,
    SegmentState.MACHINE: UnitState.NEEDS_EDITING,
    SegmentState.OUTDATED_MACHINE: UnitState.NEEDS_EDITING,
    SegmentState.TRANSLATED: UnitState.TRANSLATED,
}


@dataclass(frozen=True)
class CurrentText:
    """A text of the source. `row` holds its translation, also one with an error, which `unit` leaves out."""

    segment: StringSegment
    row: StringTranslation | None
    unit: Unit


def key_of(text: CurrentText) -> str:
    """Return the key of a text in forms: it stays the same while the original does not change."""
    return f"{text.segment.context_id}-{text.segment.string_id}"


def distinct_texts(texts: Iterable[CurrentText]) -> Iterator[CurrentText]:
    """Yield each text once: the same text twice in one context has one translation."""
    seen = set()
    for text in texts:
        if key_of(text) not in seen:
            seen.add(key_of(text))
            yield text


def current_texts(
    translation: Translation, *, for_update: bool = False, text_key: tuple[int, int] | None = None
) -> list[CurrentText]:
    """Return the texts of a translation in the order of the source, without blank ones. Two queries.

    With `for_update`, nobody else can change the translated texts before the end of the transaction. With `text_key`,
    the keys of a context and a string, only this text is returned.
    A text without letters that nobody has translated stands on the page as it is, and is its own translation.
    """
    rows = StringTranslation.objects.filter(
        context__object_id=translation.source.object_id, locale=translation.target_locale_id
    ).select_related("outdated")
    segments = StringSegment.objects.filter(source=translation.source_id).select_related("context", "string")
    if text_key is not None:
        rows = rows.filter(context=text_key[0], translation_of=text_key[1])
        segments = segments.filter(context=text_key[0], string=text_key[1])
    if for_update:
        rows = rows.select_for_update(of=("self",))
    by_text = {(row.context_id, row.translation_of_id): row for row in rows}
    limits = FieldLimits(translation.source)
    texts = []
    for order, segment in enumerate(segments.order_by("order", "pk")):
        row = by_text.get((segment.context_id, segment.string_id))
        if canonical_html(segment.string.data).strip():
            texts.append(CurrentText(segment, row, _unit(order, segment, row, limits.of(segment.context.path))))
    return texts


def store_translations(
    texts: Sequence[tuple[CurrentText, str]],
    translation: Translation,
    user: Any,
    tool: str,
    *,
    by_machine: bool = False,
) -> None:
    """Save translations of different texts, remove the marks of outdated ones, and count again.

    They are those of a person unless `by_machine`. `tool` names the program or the service that has written them.
    About a query for each `BATCH` of them: `StringTranslation.save` and its signals would make four for each.
    """
    kind = StringTranslation.TRANSLATION_TYPE_MACHINE if by_machine else StringTranslation.TRANSLATION_TYPE_MANUAL
    rows = [_written_row(text, target, translation, user, (kind, tool)) for text, target in texts]
    # wagtail-localize copies the title to the page when its row is saved.
    titles = [row for row in rows if row.context.path == COPIED_AS_HTML]
    others = [row for row in rows if row.context.path != COPIED_AS_HTML]
    for row in titles:
        row.save()
    present = [row for row in others if row.pk is not None]
    StringTranslation.objects.bulk_create([row for row in others if row.pk is None], batch_size=BATCH)
    StringTranslation.objects.bulk_update(present, WRITTEN_FIELDS, batch_size=BATCH)
    OutdatedTranslation.objects.filter(pk__in=[row.pk for row in present]).delete()
    if others:
        request_update_of_texts(translation.source.object_id, translation.target_locale_id)


# `updated_at` is set by `save` only.
WRITTEN_FIELDS = (
    "data",
    "translation_type",
    "tool_name",
    "last_translated_by",
    "has_error",
    "field_error",
    "updated_at",
)


def _written_row(
    text: CurrentText, target: str, translation: Translation, user: Any, origin: tuple[str, str]
) -> StringTranslation:
    row = text.row or StringTranslation(locale=translation.target_locale)
    row.context, row.translation_of = text.segment.context, text.segment.string
    row.data, row.last_translated_by = target, user
    row.translation_type, row.tool_name = origin
    row.has_error, row.field_error = not is_usable(target, row.translation_of.data), ""
    row.updated_at = timezone.now()
    return row


def _unit(order: int, segment: StringSegment, row: StringTranslation | None, max_length: int | None) -> Unit:
    source = canonical_html(segment.string.data)
    usable = None if row is None or row.has_error else row
    state = STATES[state_of(source, usable)]
    target = canonical_html(usable.data) if usable is not None and usable.data else source
    if state is UnitState.UNTRANSLATED or not target.strip():
        state, target = UnitState.UNTRANSLATED, ""
    mark = getattr(usable, "outdated", None)
    former_source = canonical_html(mark.former_source) if mark is not None else ""
    return Unit(
        context=segment.context.path,
        order=order,
        source=source,
        target=target,
        state=state,
        former_source=former_source,
        former_target=target if former_source else "",
        max_length=max_length,
    )
