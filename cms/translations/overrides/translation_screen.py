"""wagtail-localize's screen of a translation, without the texts: images, links, related objects and actions stay.

Texts are written in `cms.translations.editor`, whose URL the screen shows.

Replaces: `edit_translation` of `wagtail_localize.views.edit_translation`, by a function that calls the original with
    segments that are loaded before; and `SegmentOverrideSerializer.get_segment_id`.
Why no hook serves: the original loads each segment, translation and related object with queries of its own, up to
    nine for a text, and the hook `before_edit_page` replaces the whole screen only.
Written for: wagtail-localize 1.14.5.
Upstream issue: none found.
Test that fails when upstream changes: tests/translations/test_translation_screen.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Min, Model, Prefetch, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from wagtail_localize.models import OverridableSegment, RelatedObjectSegment, StringSegment, Translation
from wagtail_localize.views import edit_translation as views

# Each costs several queries.
RELATED_OBJECTS_SHOWN = 20

_edit_translation: Any = views.edit_translation


def show_translations_without_texts() -> None:
    """Replace the view. Called once, when the applications are ready."""
    views.edit_translation = edit_translation
    views.SegmentOverrideSerializer.get_segment_id = _segment_id


def edit_translation(request: HttpRequest, translation: Translation, instance: Any) -> HttpResponse:
    """Return the screen of a page or snippet, or the answer of the original to a POST."""
    if request.method != "POST":
        related = RelatedObjectSegment.objects.filter(source=translation.source_id)
        first = related.values("object").annotate(first=Min("pk")).order_by("first").values_list("first", flat=True)
        shown = list(first[:RELATED_OBJECTS_SHOWN])
        segments = RelatedObjectSegment.objects.select_related("object__content_type").filter(pk__in=shown)
        present = _present_objects(segments, translation.source.locale_id)
        prefetch_related_objects(
            [translation.source],
            Prefetch("stringsegment_set", StringSegment.objects.none()),
            Prefetch("overridablesegment_set", OverridableSegment.objects.select_related("context")),
            Prefetch(
                "relatedobjectsegment_set",
                RelatedObjectSegment.objects.filter(pk__in=shown, object__in=present).select_related(
                    "context", "object__content_type"
                ),
            ),
        )
    response: HttpResponse = _edit_translation(request, translation, instance)
    return response


def _present_objects(segments: Iterable[RelatedObjectSegment], locale_id: int) -> list[Any]:
    """Return the objects of segments that exist in a language. The original fails at one that is deleted.

    One query for each model.
    """
    keys: dict[type[Model], list[Any]] = {}
    for segment in segments:
        if model := segment.object.content_type.model_class():
            keys.setdefault(model, []).append(segment.object_id)
    return [
        key
        for model, wanted in keys.items()
        for key in model._default_manager.filter(translation_key__in=wanted, locale=locale_id).values_list(
            "translation_key", flat=True
        )
    ]


def _segment_id(serializer: Any, override: Any) -> int | None:
    """Return the key of the segment that an override replaces, None without one. The original queries for each."""
    if "segment_ids" not in serializer.context:
        segments = serializer.context["translation_source"].overridablesegment_set.all()
        serializer.context["segment_ids"] = {segment.context_id: segment.pk for segment in segments}
    found: int | None = serializer.context["segment_ids"].get(override.context_id)
    return found
