"""The texts of a translation as they are in the database now: as units of a file, with the rows that hold them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wagtail_localize.models import StringSegment, StringTranslation, Translation

from cms.translations.exchange.inline_codes import canonical_html
from cms.translations.exchange.units import Unit, UnitState
from cms.translations.models.segment_state import SegmentState
from cms.translations.progress.segments import state_of
from cms.translations.text_limits import FieldLimits

# The text of a machine is no translation until a person has confirmed it.
STATES = {
    SegmentState.UNTRANSLATED: UnitState.UNTRANSLATED,
    SegmentState.OUTDATED: UnitState.NEEDS_EDITING,
    SegmentState.MACHINE: UnitState.NEEDS_EDITING,
    SegmentState.TRANSLATED: UnitState.TRANSLATED,
}


@dataclass(frozen=True)
class CurrentText:
    """A text of the source. `row` holds its translation, also one with an error, which `unit` leaves out."""

    segment: StringSegment
    row: StringTranslation | None
    unit: Unit


def current_texts(translation: Translation, *, for_update: bool = False) -> list[CurrentText]:
    """Return the texts of a translation in the order of the source, without blank ones. Two queries.

    With `for_update`, nobody else can change the translated texts before the end of the transaction.
    A text without letters that nobody has translated stands on the page as it is, and is its own translation.
    """
    rows = StringTranslation.objects.filter(
        context__object_id=translation.source.object_id, locale=translation.target_locale_id
    ).select_related("outdated")
    if for_update:
        rows = rows.select_for_update(of=("self",))
    by_text = {(row.context_id, row.translation_of_id): row for row in rows}
    limits = FieldLimits(translation.source)
    segments = StringSegment.objects.filter(source=translation.source_id).select_related("context", "string")
    texts = []
    for order, segment in enumerate(segments.order_by("order", "pk")):
        row = by_text.get((segment.context_id, segment.string_id))
        if canonical_html(segment.string.data).strip():
            texts.append(CurrentText(segment, row, _unit(order, segment, row, limits.of(segment.context.path))))
    return texts


def store_translation(text: CurrentText, target: str, translation: Translation, user: Any, tool: str) -> None:
    """Save a translation as that of a person. The signals of `save` remove the mark of an outdated one."""
    row = text.row or StringTranslation(
        translation_of=text.segment.string, context=text.segment.context, locale=translation.target_locale
    )
    row.context, row.translation_of = text.segment.context, text.segment.string
    row.data, row.translation_type = target, StringTranslation.TRANSLATION_TYPE_MANUAL
    row.tool_name, row.last_translated_by = tool, user
    row.has_error, row.field_error = False, ""
    row.save()


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
