"""The rows of the second part of the board: shown media and snippets, with their state by language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.text import capfirst
from wagtail.models import Locale

from cms.translations.board.states import BoardState
from cms.translations.models import MediaText, TranslationProgress
from sites.models import Department

from .shown_media import IMAGE, TEXT_FIELDS, VIDEO, own_snippets, shown_media, source_text

# The kind of the medium and its key; then the key of the locale.
ItemKey = tuple[str, int]


@dataclass(frozen=True)
class OtherCell:
    """The state of a medium or a snippet in one language. `url` is the screen that goes on with it, or ""."""

    state: BoardState
    url: str = ""
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.state.label} ({self.detail})" if self.detail else str(self.state.label)


@dataclass(frozen=True)
class OtherRow:
    """A medium or a snippet of the department. `original` is its text in the source language, "" for a video."""

    kind: str
    kind_label: str
    title: str
    original: str
    cells: Mapping[int, OtherCell]


@dataclass(frozen=True)
class RowRights:
    """The right of the user to change videos and snippets of the department. `filters` is the query of the board."""

    writes_snippets: bool
    filters: str = ""


def load_rows(department: Department, languages: Collection[Locale], rights: RowRights) -> list[OtherRow]:
    """Return the media that published pages of a department show, and its snippets, by kind and title.

    Ten queries, whatever their number. A video has cells of its captions.
    """
    media = shown_media(department)
    rows = [row for kind in TEXT_FIELDS for row in _media_rows(kind, media[kind], languages, rights)]
    rows += _video_rows(media[VIDEO], languages, rights)
    for kind, snippets in own_snippets(department).items():
        rows += _snippet_rows(kind, snippets, languages, rights)
    return rows


def _media_rows(
    kind: str, media: QuerySet[Any], languages: Collection[Locale], rights: RowRights
) -> Iterable[OtherRow]:
    """Yield the rows of images or documents. Two queries."""
    texts: dict[ItemKey, tuple[str, str]] = {}
    stored = MediaText.objects.filter(**{f"{kind}__in": media.order_by().values("pk")}, locale__in=languages)
    for pk, locale, source, state in stored.values_list(kind, "locale", "source_text", "state"):
        texts[pk, locale] = source, state
    query = f"?{urlencode({'filters': rights.filters})}" if rights.filters else ""
    label = capfirst(str(media.model._meta.verbose_name))
    for item in media.only("pk", "title", TEXT_FIELDS[kind]).order_by("title", "pk"):
        original = source_text(kind, item)
        cells = {
            locale.pk: OtherCell(
                _state_of_text(texts.get((item.pk, locale.pk)), original),
                reverse("media_text", args=[kind, item.pk, locale.language_code]) + query,
            )
            for locale in languages
        }
        yield OtherRow(kind, label, item.title, original if kind == IMAGE else "", cells)


def _state_of_text(stored: tuple[str, str] | None, original: str) -> BoardState:
    if stored is None:
        return BoardState.MISSING
    source, state = stored
    if source != original:
        return BoardState.OUTDATED
    return BoardState.PUBLISHED if state == MediaText.State.REVIEWED else BoardState.AWAITING_REVIEW


def _video_rows(videos: QuerySet[Any], languages: Collection[Locale], rights: RowRights) -> Iterable[OtherRow]:
    """Yield the rows of videos, whose captions are files. Two queries."""
    captions: defaultdict[int, set[str]] = defaultdict(set)
    for pk, language in videos.order_by().values_list("pk", "captions__language"):
        captions[pk].add(language)
    label = capfirst(str(videos.model._meta.get_field("captions").related_model._meta.verbose_name))
    for pk, title in videos.order_by("title", "pk").values_list("pk", "title"):
        url = reverse(f"wagtailsnippets_{videos.model._meta.app_label}_video:edit", args=[pk])
        cells = {
            locale.pk: OtherCell(
                BoardState.PUBLISHED if locale.language_code in captions[pk] else BoardState.MISSING,
                url if rights.writes_snippets else "",
            )
            for locale in languages
        }
        yield OtherRow(VIDEO, label, title, "", cells)


def _snippet_rows(
    kind: str, snippets: QuerySet[Any], languages: Collection[Locale], rights: RowRights
) -> Iterable[OtherRow]:
    """Yield the rows of the snippets of one model. Three queries."""
    model = snippets.model
    keys = snippets.order_by().values("translation_key")
    versions = model._default_manager.filter(translation_key__in=keys, locale__in=languages)
    existing: set[tuple[UUID, int]] = set(versions.values_list("translation_key", "locale"))
    progress = TranslationProgress.objects.filter(
        Q(translation__source__object__in=keys), translation__target_locale__in=languages, translation__enabled=True
    ).select_related("translation__source")
    known = {(row.translation.source.object_id, row.translation.target_locale_id): row for row in progress}
    label = capfirst(str(model._meta.verbose_name))
    for snippet in snippets.order_by("name", "pk"):
        cells = {}
        for locale in languages:
            key = (snippet.translation_key, locale.pk)
            counts = known.get(key)
            state, detail = _state_of_snippet(counts, key in existing)
            url = ""
            if rights.writes_snippets and counts is not None:
                url = reverse("translation_editor", args=[counts.pk])
            elif rights.writes_snippets and key not in existing:
                url = reverse("translation_submit_snippet", args=[model._meta.app_label, kind, snippet.pk])
            cells[locale.pk] = OtherCell(state, url, detail)
        yield OtherRow(kind, label, str(snippet), "", cells)


def _state_of_snippet(counts: TranslationProgress | None, exists: bool) -> tuple[BoardState, str]:
    """Return the state of a snippet in a language, and the texts that are translated while some are missing."""
    if counts is None:
        return (BoardState.PUBLISHED if exists else BoardState.MISSING), ""
    if counts.translated < counts.segments:
        return BoardState.IN_PROGRESS, f"{counts.translated} / {counts.segments}"
    if counts.outdated:
        return BoardState.OUTDATED, ""
    if counts.machine and counts.machine == counts.translated:
        return BoardState.MACHINE, ""
    return BoardState.PUBLISHED, ""
