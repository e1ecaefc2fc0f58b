"""The state of a translated page on the board, computed in the database."""

from __future__ import annotations

from django.contrib.contenttypes.models import ContentType
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, TextChoices, Value, When
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, WorkflowState

from cms.translations.models import TranslationProgress
from sites.access.ownership import CONTAINER_DEPTH
from sites.models import Department

# Depth of the pages on the board: home pages exist in every language from the start.
MIN_DEPTH = CONTAINER_DEPTH + 2
COUNTS = ("segments", "translated", "outdated", "machine", "words_to_do", "public_outdated", "public_outdated_since")


class BoardState(TextChoices):
    """The next task of a translation. A content without a page in the language is MISSING."""

    MISSING = "missing", _("not translated")
    IN_PROGRESS = "in_progress", _("in progress")
    AWAITING_REVIEW = "awaiting_review", _("awaiting review")
    OUTDATED = "outdated", _("out of date")
    INCOMPLETE = "incomplete", _("incomplete")
    MACHINE = "machine", _("machine translation")
    PUBLISHED = "published", _("published and up to date")


def originals(department: Department) -> QuerySet[Page]:
    """Return the pages of a department in its source language, drafts included, by title."""
    pages = Page.objects.filter(path__startswith=department.container.path, depth__gte=MIN_DEPTH, alias_of=None)
    return pages.filter(locale=department.source_locale).order_by("title", "pk")


def translated_pages(department: Department) -> QuerySet[Page]:
    """Return the pages of a department in its other languages, annotated with COUNTS, `has_counts` and `board_state`.

    Aliases are left out: they show the original until somebody translates them.
    """
    progress = TranslationProgress.objects.filter(
        translation__source__object=OuterRef("translation_key"),
        translation__target_locale=OuterRef("locale"),
        translation__enabled=True,
    )
    waiting = WorkflowState.objects.filter(
        base_content_type=ContentType.objects.get_for_model(Page),
        object_id=Cast(OuterRef("pk"), CharField()),
        status=WorkflowState.STATUS_IN_PROGRESS,
    )
    pages = Page.objects.filter(path__startswith=department.container.path, depth__gte=MIN_DEPTH, alias_of=None)
    source_published_at = Page.objects.filter(
        translation_key=OuterRef("translation_key"), locale=department.source_locale, live=True
    ).values("last_published_at")
    return (
        pages.exclude(locale=department.source_locale)
        .annotate(
            **{name: Subquery(progress.values(name)[:1]) for name in COUNTS},
            has_counts=Exists(progress),
            is_waiting=Exists(waiting),
            source_published_at=Subquery(source_published_at[:1]),
        )
        .annotate(board_state=_state())
    )


def _state() -> Case:
    # A page made by hand, without wagtail-localize, has no counts: it is outdated when its original is younger.
    is_older = Q(has_counts=False, last_published_at__lt=F("source_published_at"))
    return Case(
        When(is_waiting=True, then=Value(BoardState.AWAITING_REVIEW)),
        When(live=False, then=Value(BoardState.IN_PROGRESS)),
        When(Q(public_outdated__gt=0) | Q(outdated__gt=0) | is_older, then=Value(BoardState.OUTDATED)),
        When(translated__lt=F("segments"), then=Value(BoardState.INCOMPLETE)),
        When(Q(machine__gt=0, machine=F("translated")), then=Value(BoardState.MACHINE)),
        default=Value(BoardState.PUBLISHED),
        output_field=CharField(),
    )
