"""The changed texts of an original, with the differences between the former and the present text."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from wagtail_localize.models import StringSegment, StringTranslation, Translation
from wagtail_localize.strings import StringValue

from sites.text_differences import ADDITION, DELETION, EQUAL, Part, text_differences

HTML = {EQUAL: "{}", DELETION: "<del>{}</del>", ADDITION: "<ins>{}</ins>"}


@dataclass(frozen=True)
class ChangedText:
    """A text of the original that has changed since it was translated. `difference` is HTML with <del> and <ins>."""

    difference: SafeString
    translation: str


def changed_texts(translation: Translation) -> list[ChangedText]:
    """Return the texts whose translation is outdated, in the order of the original. Two queries."""
    rows = StringTranslation.objects.filter(
        context__object_id=translation.source.object_id,
        locale=translation.target_locale_id,
        outdated__isnull=False,
    ).select_related("outdated")
    outdated = {(row.context_id, row.translation_of_id): row for row in rows}
    if not outdated:
        return []
    segments = StringSegment.objects.filter(source=translation.source_id).select_related("string")
    return [
        ChangedText(difference(_plain(row.outdated.former_source), _plain(segment.string.data)), _plain(row.data))
        for segment in segments.order_by("order", "pk")
        if (row := outdated.pop((segment.context_id, segment.string_id), None)) is not None
    ]


def _plain(text: str) -> str:
    """Return a text of wagtail-localize, an HTML fragment, as plain text."""
    plain: str = StringValue(text).render_text()
    return plain


def difference(former: str, present: str) -> SafeString:
    """Return the present text as HTML, with removed words in <del> and added words in <ins>."""
    return format_html_join("", "{}", ((_marked(part),) for part in text_differences(former, present)))


def _marked(part: Part) -> SafeString:
    return format_html(HTML[part.kind], part.text)
