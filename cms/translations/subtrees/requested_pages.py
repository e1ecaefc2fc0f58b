"""Translation of the requested pages, each into one language in a transaction of its own."""

from __future__ import annotations

import logging
import math
import time
from collections import defaultdict
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet, Window
from django.db.models.functions import Left, RowNumber
from wagtail.models import Page
from wagtail_localize.models import Translation
from wagtail_localize.operations import TranslationCreator

from cms.request_transactions.repetition import repeat_on_collision
from cms.translations.models import RequestedTranslation
from cms.translations.submission import lock_languages, target_locales
from sites.access.capabilities import has_capability
from sites.access.ownership import CONTAINER_PATH_LENGTH, department_of_page
from sites.roles import Capability

logger = logging.getLogger(__name__)

# Failures after which a request is left to `nightly`.
MAX_ATTEMPTS = 5

# Keys of the contents that one run has translated, by sender and locale: pages share snippets.
Translated = defaultdict[tuple[int, int], set[Any]]


def process_requested_translations(
    *, max_attempts: int | None = MAX_ATTEMPTS, limit: int | None = None, seconds: float = math.inf
) -> int:
    """Translate requested pages, each into one language in a transaction of its own; return their number.

    Requests with `max_attempts` failures are left out; None includes all. At most `limit` requests are processed, and
    none is begun after `seconds`, except the first. The departments follow each other in rotation; in each of
    them, parents come before the pages below them. An error is stored with the request and holds no other one.
    """
    end = time.monotonic() + seconds
    requests = RequestedTranslation.objects.all()
    if max_attempts is not None:
        requests = requests.filter(attempts__lt=max_attempts)
    translated: Translated = defaultdict(set)
    number = 0
    for pk in list(_in_rotation(requests).values_list("pk", flat=True)[:limit]):
        if number and time.monotonic() >= end:
            break
        number += 1
        try:
            repeat_on_collision(partial(_process, pk, translated))
        except Exception as error:  # Whatever a page contains: the others must be translated.
            logger.exception("requested translation %s could not be made", pk)
            RequestedTranslation.objects.filter(pk=pk).update(
                attempts=F("attempts") + 1, error=f"{type(error).__name__}: {error}"
            )
    return number


def _in_rotation(requests: QuerySet[RequestedTranslation]) -> QuerySet[RequestedTranslation]:
    """Order requests: the first one of every department, then the second ones, and so on.

    Among requests of one rank the order is random: if more departments wait than one run has requests, none is always
    left out.
    """
    rank = Window(
        RowNumber(), partition_by=[Left("page__path", CONTAINER_PATH_LENGTH)], order_by=["page__path", "locale_id"]
    )
    return requests.annotate(rank=rank).order_by("rank", "?")


def _process(pk: int, translated: Translated) -> None:
    with transaction.atomic():
        page = Page.objects.filter(pk__in=RequestedTranslation.objects.filter(pk=pk).values("page")).first()
        if page is None:  # Another process has done it.
            return
        lock_languages(page)
        request = (
            RequestedTranslation.objects.select_for_update(of=("self",))
            .select_related("page", "locale", "sender")
            .filter(pk=pk)
            .first()
        )
        if request is None:
            return
        done = set(translated[request.sender_id, request.locale_id])
        if _is_still_allowed(request):
            _translate(request, done)
        request.delete()
    translated[request.sender_id, request.locale_id] = done


def _is_still_allowed(request: RequestedTranslation) -> bool:
    """Return False if the department has lost the language, or the sender the permission to send its pages.

    Without a home page in the language, wagtail-localize would copy the container of the department.
    """
    department = department_of_page(request.page)
    return (
        department is not None
        and target_locales(request.page).filter(pk=request.locale_id).exists()
        and request.sender.is_active
        and has_capability(request.sender, Capability.TRANSLATION, department)
    )


def _translate(request: RequestedTranslation, done: set[Any]) -> None:
    """Translate the page and the snippets to which it refers, without the contents in `done`, which grows by them.

    Raises the ValidationError of the translated page, which wagtail-localize ignores.
    """
    creator = TranslationCreator(request.sender, [request.locale])
    creator.seen_objects = done
    creator.create_translations(request.page)
    translated = request.page.get_translation_or_none(request.locale)
    if translated is None or translated.alias_of_id:
        translation = Translation.objects.get(
            source__object=request.page.translation_key, target_locale=request.locale, enabled=True
        )
        translation.save_target(user=request.sender, publish=False)
