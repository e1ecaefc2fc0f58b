"""The states of the translations of a department, loaded in a fixed number of queries."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef, Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _
from wagtail.models import Locale, Page, WorkflowState
from wagtail_localize.models import Translation

from cms.translations.models import PlannedRelease, TranslationProgress
from cms.translations.progress.update_failures import failed_updates, failure_message
from sites.access.ownership import CONTAINER_DEPTH
from sites.access.references.private_pages import is_restricted
from sites.models import Department

from .declines import Decline, load_declines

# Depth of the pages on the board: home pages exist in every language from the start.
MIN_DEPTH = CONTAINER_DEPTH + 2


class BoardState(TextChoices):
    """The next task of a translation. A content without a page in the language is MISSING."""

    MISSING = "missing", _("not translated")
    DECLINED = "declined", _("declined")
    IN_PROGRESS = "in_progress", _("in progress")
    AWAITING_REVIEW = "awaiting_review", _("awaiting review")
    FAILED = "failed", _("cannot be updated")
    RELEASE = "release", _("prepared for a release")
    APPROVED = "approved", _("approved for its release")
    OUTDATED = "outdated", _("out of date")
    INCOMPLETE = "incomplete", _("incomplete")
    MACHINE = "machine", _("machine translation")
    PUBLISHED = "published", _("published and up to date")


@dataclass(frozen=True)
class BoardEntry:
    """A page in a language of translation, with its state, and the time of its last change of state if it is known.

    `progress` is None for a page made by hand. `decline` says why a page that is not public is DECLINED. `failure`
    is the sentence that says why the translation cannot be updated; a public one is then FAILED.

    A translation whose release is being prepared is RELEASE or APPROVED, since its texts are those of the draft of the
    original. `public_state` is then the state of its public page.
    """

    page_id: int
    state: BoardState
    progress: TranslationProgress | None
    failure: str = ""
    since: datetime.datetime | None = None
    decline: Decline | None = None
    is_in_release: bool = False
    public_state: BoardState | None = None


def originals(department: Department) -> QuerySet[Page]:
    """Return the pages of a department in its source language, drafts included, by title."""
    pages = _board_pages(department).filter(locale=department.source_locale)
    return pages.order_by("title", "pk")


def originals_for_partners(department: Department, locales: Collection[Locale]) -> QuerySet[Page]:
    """Return the originals whose titles a partner may read: the public ones, and those sent to one of the languages."""
    sent = Translation.objects.filter(source__object=OuterRef("translation_key"), target_locale__in=locales)
    public = Q(live=True) & ~is_restricted()
    return originals(department).filter(public | Exists(sent))


def load_entries(
    department: Department, locales: Collection[Locale], keys: Collection[UUID] | None = None
) -> dict[tuple[UUID, int], BoardEntry]:
    """Return the translated pages by content (translation key) and key of the language; only of `keys` if given.

    Seven queries. Aliases are left out: they show the original until somebody translates them.
    """
    pages = _board_pages(department).filter(locale__in=locales)
    published_at = originals(department).filter(live=True).order_by()
    progress = TranslationProgress.objects.filter(
        translation__source__object__in=_board_pages(department).values("translation_key"),
        translation__target_locale__in=locales,
        translation__enabled=True,
    )
    if keys is not None:
        pages = pages.filter(translation_key__in=keys)
        published_at = published_at.filter(translation_key__in=keys)
        progress = progress.filter(translation__source__object__in=keys)
    waiting = dict(
        WorkflowState.objects.filter(
            base_content_type=ContentType.objects.get_for_model(Page), status=WorkflowState.STATUS_IN_PROGRESS
        ).values_list("object_id", "current_task_state__started_at")
    )
    declines = load_declines(department, locales, keys)
    sources = dict(published_at.values_list("translation_key", "last_published_at"))
    known = {
        (row.translation.source.object_id, row.translation.target_locale_id): row
        for row in progress.select_related("translation__source").only(
            *COUNTS, "translation__target_locale", "translation__source__object", "translation__created_at"
        )
    }
    planned = dict(PlannedRelease.objects.filter(page__in=_board_pages(department)).values_list(*PLANNED_FIELDS))
    failed = failed_updates(_board_pages(department).values("translation_key") if keys is None else keys)
    entries = {}
    for pk, key, locale_id, live, last_published_at in pages.values_list(
        "pk", "translation_key", "locale", "live", "last_published_at"
    ):
        counts = known.get((key, locale_id))
        failure = failure_message(failed[key]) if counts is not None and key in failed else ""
        since, decline, public_state = last_published_at, None, None
        is_in_release = counts is not None and key in planned
        if str(pk) in waiting:
            state, since = BoardState.AWAITING_REVIEW, waiting[str(pk)]
        elif not live and (decline := declines.get((key, locale_id))) is not None:
            state, since = BoardState.DECLINED, decline.declined_at
        elif counts is not None and is_in_release:
            state, since = BoardState.APPROVED if counts.is_approved else BoardState.RELEASE, planned[key]
            public_state = _public_state(counts) if live else None
        elif not live:
            state, since = BoardState.IN_PROGRESS, counts.translation.created_at if counts is not None else None
        elif counts is None:
            state = _state_by_date(last_published_at, sources.get(key))
        elif failure:
            state = BoardState.FAILED
        else:
            state = _state_by_counts(counts)
        if state == BoardState.OUTDATED:
            since = counts.public_outdated_since if counts is not None else sources.get(key)
        entries[(key, locale_id)] = BoardEntry(pk, state, counts, failure, since, decline, is_in_release, public_state)
    return entries


COUNTS = (
    "segments",
    "translated",
    "outdated",
    "machine",
    "words_to_do",
    "public_outdated",
    "public_outdated_since",
    "public_untranslated",
    "is_public_machine",
    "is_approved",
)
PLANNED_FIELDS = ("page__translation_key", "planned_at")


def _board_pages(department: Department) -> QuerySet[Page]:
    return Page.objects.filter(path__startswith=department.container.path, depth__gte=MIN_DEPTH, alias_of=None)


def _state_by_date(published_at: datetime.datetime | None, source_published_at: Any) -> BoardState:
    """Return the state of a public page made by hand: it is out of date when its original is younger."""
    is_older = source_published_at is not None and (published_at is None or published_at < source_published_at)
    return BoardState.OUTDATED if is_older else BoardState.PUBLISHED


def _public_state(counts: TranslationProgress) -> BoardState:
    if counts.public_outdated:
        return BoardState.OUTDATED
    if counts.public_untranslated:
        return BoardState.INCOMPLETE
    return BoardState.MACHINE if counts.is_public_machine else BoardState.PUBLISHED


def _state_by_counts(counts: TranslationProgress) -> BoardState:
    if counts.public_outdated or counts.outdated:
        return BoardState.OUTDATED
    if counts.translated < counts.segments:
        return BoardState.INCOMPLETE
    if counts.machine and counts.machine == counts.translated:
        return BoardState.MACHINE
    return BoardState.PUBLISHED
