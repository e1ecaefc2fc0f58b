"""Drafts texts by machine, in portions. Services are asked outside transactions.

A portion is claimed, translated, and stored in one transaction with the counts of the draft. A draft whose worker was
killed is claimed again after CLAIM_TIME. Texts that it has stored are not empty any more, and are not sent again.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from wagtail_localize.machine_translators.base import BaseMachineTranslator
from wagtail_localize.models import Translation

from cms.request_transactions.repetition import repeat_on_collision
from cms.translations.file_service.current_texts import CurrentText, key_of, store_translations
from cms.translations.machine.bounded_requests import (
    BUSY,
    KEY,
    PAIR,
    QUOTA,
    REFUSED,
    TEMPORARY,
    UNAVAILABLE,
    MachineServiceError,
)
from cms.translations.machine.daily_use import characters_per_draft, give_back, reserve
from cms.translations.machine.service_keys import key_for
from cms.translations.machine.services import MachineService
from cms.translations.models import DraftState, MachineDraft

from .draft_errors import DAY_LIMIT, INTERNAL, NOT_ALLOWED, NOT_OFFERED, TOO_LONG, service_label
from .draft_permissions import refusal, service_for
from .draft_texts import (
    SERVICE,
    DamagedTextError,
    characters_of,
    checked_translation,
    next_portion,
    string_of,
    texts_to_draft,
)

logger = logging.getLogger(__name__)

# The time for which a worker has a draft to itself. In one portion it asks the service four times at most.
CLAIM_TIME = timedelta(minutes=5)
# The number of due drafts that a worker tries to claim while other workers claim some too.
CLAIM_ATTEMPTS = 20
# Pauses after the first, second, … failure that may pass; the failure that follows the last pause ends the draft.
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (30, 120, 600, 1_800, 7_200))
# Pause of all drafts after their service did not answer, so that not each of them waits for a time limit.
OUTAGE_PAUSE = timedelta(minutes=1)
# A draft fails at this number of refused texts, unless more were translated: such a service refuses everything.
MAX_REFUSED = 5
# Errors after which a service has translated nothing.
UNPAID = frozenset((KEY, QUOTA, BUSY, REFUSED, PAIR))
# Attempts to store a portion while people write the same texts.
STORE_ATTEMPTS = 3


class EndedError(Exception):
    """Raised when a draft cannot continue. Its argument is a code of `draft_errors.MESSAGES`."""


def process_drafts(*, seconds: float = math.inf) -> int:
    """Draft portions of the drafts that are due; return their number. None but the first begins after `seconds`.

    The departments take turns. Raise RuntimeError inside a transaction.
    """
    end, number = time.monotonic() + seconds, 0
    while (not number or time.monotonic() < end) and (draft := _claim()) is not None:
        number += 1
        try:
            _draft_portion(draft)
        except MachineServiceError as error:
            _record_error(draft, error)
        except EndedError as error:
            _end(draft, DraftState.FAILED, str(error))
        except Exception:  # Whatever a page contains: the others must be drafted.
            logger.exception("the machine draft of translation %s has failed", draft.pk)
            _end(draft, DraftState.FAILED, INTERNAL)
    return number


def _claim() -> MachineDraft | None:
    """Return a draft that is due, now claimed by this worker: the oldest of a department that is chosen at random."""
    rank = Window(RowNumber(), partition_by=[F("department")], order_by=["asked_at", "pk"])
    due = MachineDraft.objects.due().annotate(rank=rank).order_by("rank", "?")
    for pk, claim, state in due.values_list("pk", "claim", "state")[:CLAIM_ATTEMPTS]:
        values: dict[str, Any] = {
            "state": DraftState.RUNNING,
            "claim": claim + 1,
            "claimed_until": timezone.now() + CLAIM_TIME,
        }
        if state == DraftState.RUNNING:  # Its worker has ended, perhaps because of it.
            values["attempts"] = F("attempts") + 1
        with transaction.atomic(durable=True):
            is_claimed = MachineDraft.objects.due().filter(pk=pk, claim=claim).update(**values)
        if is_claimed:
            related = ("translation__source__locale", "translation__target_locale", "department", "asked_by")
            return MachineDraft.objects.select_related(*related).get(pk=pk)
    return None


def _draft_portion(draft: MachineDraft) -> None:
    """Translate and store the next portion. Raises EndedError, and MachineServiceError as the service does."""
    if draft.attempts > len(PAUSES):
        raise EndedError(INTERNAL)
    service = _service(draft)
    texts = texts_to_draft(draft.translation)
    portion = next_portion(texts, draft.refused)
    if not portion:
        _end(draft, DraftState.DONE)
        return
    if not draft.texts and characters_of(texts) > characters_per_draft():
        raise EndedError(TOO_LONG)
    translator = service.make(key_for(draft.department_id, service))
    locales = (draft.translation.source.locale, draft.translation.target_locale)
    if not translator.can_translate(*locales):
        raise MachineServiceError(PAIR)
    # People see at once how many texts there are.
    MachineDraft.objects.filter(pk=draft.pk, claim=draft.claim).update(texts=draft.drafted + len(texts))
    try:
        answers: Sequence[str | None] = _translate(draft, translator, portion)
    except MachineServiceError as error:
        if error.code != REFUSED:
            raise
        portion = portion[:1]
        answers = _translate_alone(draft, translator, portion)
    _store(draft, portion, answers)


def _service(draft: MachineDraft) -> MachineService:
    """Return the service of a draft. Raises EndedError if the draft may not continue."""
    service = service_for(draft.department, draft.translation.target_locale_id)
    if service is None or service.name != draft.service:
        raise EndedError(NOT_OFFERED)
    if draft.department.suspended_at is not None:
        raise EndedError(NOT_ALLOWED)
    if code := refusal(draft.translation, draft.asked_by):
        raise EndedError(code)
    return service


def _translate(draft: MachineDraft, translator: BaseMachineTranslator, portion: Sequence[CurrentText]) -> list[str]:
    """Return the translations of some texts by the service. The characters count before they are sent."""
    characters = characters_of(portion)
    day = reserve(draft.department, characters)
    if day is None:
        raise EndedError(DAY_LIMIT)
    source, target = draft.translation.source.locale, draft.translation.target_locale
    strings = [string_of(text) for text in portion]
    try:
        found = translator.translate(source, target, list(dict.fromkeys(strings)))
    except MachineServiceError as error:
        if error.code in UNPAID:
            give_back(draft.department, day, characters)
        raise
    draft.characters += characters
    return [found[string].data for string in strings]


def _translate_alone(
    draft: MachineDraft, translator: BaseMachineTranslator, portion: Sequence[CurrentText]
) -> list[str | None]:
    """Return the translation of one text, None if the service refuses it. Raises if it refuses everything."""
    try:
        return list(_translate(draft, translator, portion))
    except MachineServiceError as error:
        refused = 1 + list(draft.refused.values()).count(SERVICE)
        if error.code != REFUSED or refused >= max(MAX_REFUSED, draft.drafted):
            raise
        return [None]


def _store(draft: MachineDraft, portion: Sequence[CurrentText], answers: Sequence[str | None]) -> None:
    """Store a translated portion. If somebody writes the same texts at the same moment, try again."""
    for attempt in range(1, STORE_ATTEMPTS + 1):
        try:
            repeat_on_collision(partial(_store_once, draft, portion, answers))
        except IntegrityError:  # The unique key of a translated text: a row that did not exist cannot be locked.
            if attempt == STORE_ATTEMPTS:
                raise
        else:
            return


@transaction.atomic
def _store_once(draft: MachineDraft, portion: Sequence[CurrentText], answers: Sequence[str | None]) -> None:
    """Store the texts that are still empty and the counts; nothing if the claim has ended, or the draft.

    Raises EndedError if the draft may not continue.
    """
    translation = draft.translation
    list(Translation.objects.select_for_update().filter(pk=translation.pk))  # As the editor does.
    present = {key_of(text): text for text in texts_to_draft(translation, for_update=True)}
    row = MachineDraft.objects.select_for_update().filter(pk=draft.pk, claim=draft.claim).first()
    if row is None or row.state != DraftState.RUNNING:
        return
    # Lost while the service translated: the account has been read since, without the cache of its roles.
    asked_by = get_user_model()._default_manager.filter(pk=draft.asked_by_id or 0).first()
    if code := refusal(Translation.objects.get(pk=translation.pk), asked_by):
        raise EndedError(code)
    written: list[tuple[CurrentText, str]] = []
    for text, answer in zip(portion, answers, strict=True):
        key = key_of(text)
        current = present.pop(key, None)
        if current is None:  # A person has written it meanwhile, or it is gone.
            continue
        try:
            if answer is None:
                raise DamagedTextError(SERVICE)
            written.append((current, checked_translation(current, answer)))
        except DamagedTextError as reason:
            row.refused[key] = str(reason)
    store_translations(written, translation, draft.asked_by, service_label(draft.service), by_machine=True)
    row.drafted += len(written)
    row.characters = draft.characters
    row.attempts, row.error, row.next_attempt_at = 0, "", timezone.now()
    row.state = DraftState.WAITING
    if not present.keys() - row.refused.keys():
        row.state, row.finished_at = DraftState.DONE, timezone.now()
    row.save()


def _record_error(draft: MachineDraft, error: MachineServiceError) -> None:
    """Store an error: the draft is tried again after a pause, or ends."""
    if error.code not in TEMPORARY or draft.attempts >= len(PAUSES):
        _end(draft, DraftState.FAILED, error.code)
        return
    now = timezone.now()
    pause = max(PAUSES[draft.attempts], timedelta(seconds=error.retry_after))
    _claimed_row(draft).update(
        state=DraftState.WAITING,
        attempts=draft.attempts + 1,
        error=error.code,
        next_attempt_at=now + pause,
        claimed_until=None,
    )
    others = MachineDraft.objects.filter(state=DraftState.WAITING, service=draft.service)
    if error.code == BUSY:  # A limit of the key.
        others, resume_at = others.filter(department=draft.department_id), now + pause
    elif error.code == UNAVAILABLE:
        resume_at = now + OUTAGE_PAUSE
    else:
        return
    others.filter(next_attempt_at__lt=resume_at).update(next_attempt_at=resume_at)


def _end(draft: MachineDraft, state: DraftState, error: str = "") -> None:
    _claimed_row(draft).update(state=state, error=error, finished_at=timezone.now(), claimed_until=None)


def _claimed_row(draft: MachineDraft) -> Any:
    """Return the row of a draft while this worker has its claim."""
    return MachineDraft.objects.filter(pk=draft.pk, claim=draft.claim, state=DraftState.RUNNING)
