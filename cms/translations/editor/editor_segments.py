"""The texts of a translation as the editor shows them, with their comments and warnings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import TextChoices
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail_localize.models import Translation

from cms.translations.exchange.inline_codes import parse_html, plain_text
from cms.translations.exchange.units import UnitState
from cms.translations.file_service.current_texts import CurrentText, current_texts, distinct_texts, key_of
from cms.translations.file_service.text_origins import TextOrigin, origin_of
from cms.translations.glossary.term_matching import FoundTerm, Glossary
from cms.translations.glossary.term_storage import glossary_of
from cms.translations.machine.services import SERVICE_LABELS
from cms.translations.models import SegmentComment
from cms.translations.models.segment_comment import MAX_DONE_COMMENTS
from cms.translations.progress.changed_texts import difference

from .dismissals import digest_of_texts, load_dismissals
from .quality_checks import QualityWarning, quality_warnings
from .segment_labels import SegmentLabels
from .typed_texts import has_tags, text_digest, text_to_type


class Selection(TextChoices):
    """The texts that the editor shows."""

    ALL = "all", _("all texts")
    TO_DO = "to-do", _("to do")
    OUTDATED = "outdated", _("outdated texts")
    WARNINGS = "warnings", _("with warnings")
    DISMISSED = "dismissed", _("with dismissed warnings")
    COMMENTS = "comments", _("with open comments")


@dataclass
class EditorSegment:
    """A text of the original and its translation. `typed` replaces the stored translation after a refused change.

    `dismissals` has the digest of the texts for which the warning of a check was dismissed.
    """

    text: CurrentText
    target_language: str
    label: str
    glossary: Glossary
    comments: list[SegmentComment] = field(default_factory=list)
    dismissals: Mapping[str, str] = field(default_factory=dict)
    typed: str | None = None
    typed_comment: str = ""
    error: str = ""

    @property
    def key(self) -> str:
        return key_of(self.text)

    @cached_property
    def is_html(self) -> bool:
        return has_tags(self.text.unit)

    @property
    def source(self) -> str:
        return text_to_type(self.text.unit.source, is_html=self.is_html)

    @property
    def stored(self) -> str:
        return text_to_type(self.text.unit.target, is_html=self.is_html)

    @property
    def target(self) -> str:
        return self.stored if self.typed is None else self.typed

    @property
    def plain_source(self) -> str:
        """The original without tags."""
        return plain_text(self.text.unit.source)

    @property
    def plain_target(self) -> str:
        """The stored translation without tags."""
        return plain_text(self.text.unit.target)

    @property
    def digest(self) -> str:
        """The digest of the stored translation."""
        return text_digest(self.text.unit.target)

    @property
    def tags(self) -> list[str]:
        """The start and end tags of the original, in its order, as buttons insert them."""
        codes = parse_html(self.text.unit.source).starts
        tags = (f"{code.html}</{code.tag}>" if code.kind == code.OPEN else code.html for code in codes)
        return list(dict.fromkeys(tags))

    @cached_property
    def difference(self) -> SafeString | None:
        """The original with its changes since the translation, or None if it has not changed."""
        former = self.text.unit.former_source
        return difference(plain_text(former), plain_text(self.text.unit.source)) if former else None

    @property
    def is_machine(self) -> bool:
        row = self.text.row
        return row is not None and row.translation_type == row.TRANSLATION_TYPE_MACHINE and not row.has_error

    @property
    def is_outdated(self) -> bool:
        return bool(self.text.unit.former_source)

    @property
    def is_untranslated(self) -> bool:
        return self.text.unit.state is UnitState.UNTRANSLATED

    @property
    def badge(self) -> str:
        """The reason to look at the text, as it stands beside the label; "" for a translation that fits."""
        if self.is_untranslated:
            return gettext("untranslated text")
        if self.is_outdated:
            return gettext("outdated text")
        return gettext("machine translation") if self.is_machine else ""

    @property
    def origin_note(self) -> str:
        """The origin of a translation that no person has written, unless the badge names it; "" for others."""
        row = self.text.row
        if row is None or self.is_untranslated or self.badge:
            return ""
        origin = origin_of(row, SERVICE_LABELS)
        if origin == TextOrigin.MEMORY:
            return gettext("from the translation memory")
        return gettext("drafted by a machine, checked by a person") if origin == TextOrigin.MACHINE else ""

    @property
    def needs_confirmation(self) -> bool:
        """True if a person has to confirm or change the translation."""
        return self.text.unit.state is UnitState.NEEDS_EDITING

    @property
    def rows(self) -> int:
        """The height of the field, in lines."""
        return min(12, len(self.source) // 48 + 1)

    @property
    def refused_reason(self) -> str:
        """Return why the stored translation is not used on the page, or ""."""
        row = self.text.row
        return row.field_error or str(_("Its tags or links differ from the original.")) if row and row.has_error else ""

    @cached_property
    def _all_warnings(self) -> list[QualityWarning]:
        return quality_warnings(self.plain_source, self.plain_target, self.target_language, self.terms)

    @property
    def warnings(self) -> list[QualityWarning]:
        """The warnings that nobody has dismissed for these texts."""
        return [warning for warning in self._all_warnings if not self._is_dismissed(warning)]

    @property
    def dismissed_warnings(self) -> list[QualityWarning]:
        return [warning for warning in self._all_warnings if self._is_dismissed(warning)]

    def _is_dismissed(self, warning: QualityWarning) -> bool:
        return self.dismissals.get(warning.check) == digest_of_texts(self.text)

    @cached_property
    def terms(self) -> list[FoundTerm]:
        """The terms of the glossary in the original."""
        return self.glossary.terms_in(self.plain_source)

    @property
    def open_comments(self) -> list[SegmentComment]:
        return [comment for comment in self.comments if comment.resolved_at is None]

    def is_in(self, selection: str) -> bool:
        """Return True if the segment is of a selection."""
        if selection == Selection.TO_DO:
            return self.is_untranslated or self.needs_confirmation
        if selection == Selection.OUTDATED:
            return self.is_outdated
        if selection == Selection.WARNINGS:
            return bool(self.warnings)
        if selection == Selection.DISMISSED:
            return bool(self.dismissals) and bool(self.dismissed_warnings)
        if selection == Selection.COMMENTS:
            return bool(self.open_comments)
        return True


def editor_segments(translation: Translation) -> list[EditorSegment]:
    """Return the texts of a translation in the order of the original. About nine queries.

    Comments on a text that has changed meanwhile are shown at the present text in the same context.
    """
    labels = SegmentLabels(translation.source)
    language, glossary = translation.target_locale.language_code, glossary_of(translation)
    dismissals = load_dismissals(translation)
    segments = [
        EditorSegment(
            text,
            language,
            labels.of(text.segment.context.path),
            glossary,
            dismissals=dismissals.get(text.row.pk, {}) if text.row is not None else {},
        )
        for text in distinct_texts(current_texts(translation))
    ]
    by_key = {segment.key: segment for segment in segments}
    by_context: defaultdict[int, list[EditorSegment]] = defaultdict(list)
    for segment in segments:
        by_context[segment.text.segment.context_id].append(segment)
    for comment in _shown_comments(translation):
        of_context = by_context[comment.context_id]
        shown_at = by_key.get(f"{comment.context_id}-{comment.string_id}") or next(iter(of_context), None)
        if shown_at is not None:
            shown_at.comments.append(comment)
    return segments


def _shown_comments(translation: Translation) -> list[SegmentComment]:
    """Return the open comments, of which there is a limited number, and the last ones that are done, by date."""
    comments = SegmentComment.objects.filter(translation=translation).select_related("author")
    done = comments.filter(resolved_at__isnull=False).order_by("-resolved_at", "-pk")[:MAX_DONE_COMMENTS]
    return sorted([*comments.filter(resolved_at=None), *done], key=lambda comment: (comment.created_at, comment.pk))


def state_digest(segments: Iterable[EditorSegment]) -> str:
    """Return the digest of all texts and translations. An approval is valid only for the texts that its form showed."""
    return text_digest("\0".join(f"{segment.key} {segment.digest}" for segment in segments))
