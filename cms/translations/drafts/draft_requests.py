"""Requests to draft a translation by machine, and their end by a person, in the transaction of the caller."""

from __future__ import annotations

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail_localize.models import Translation

from cms.commit_callbacks import OncePerCommit
from cms.translations.models import DraftState, MachineDraft
from cms.translations.models.machine_drafts.machine_draft import OPEN_STATES

from .draft_errors import MESSAGES
from .draft_permissions import department_of, refusal, service_for
from .tasks import enqueue_drafts

# Age at which an ended draft is deleted.
RETENTION = datetime.timedelta(days=30)


def request_draft(translation: Translation, user: Any) -> MachineDraft:
    """Ask for a draft of the empty texts, also again after it ended. Raises ValidationError with the reason.

    A draft that is open goes on.
    """
    department = department_of(translation)
    service = service_for(department, translation.target_locale_id) if department is not None else None
    if department is None or service is None:
        raise ValidationError(_("The department has chosen no service for this language."))
    if code := refusal(translation, user):
        raise ValidationError(str(MESSAGES[code]))
    draft = MachineDraft.objects.select_for_update().filter(translation=translation).first()
    if draft is not None and draft.is_open:
        return draft
    now = timezone.now()
    draft, _created = MachineDraft.objects.update_or_create(
        translation=translation,
        defaults={
            "department": department,
            "service": service.name,
            "asked_by": user,
            "asked_at": now,
            "state": DraftState.WAITING,
            "texts": 0,
            "drafted": 0,
            "refused": {},
            "characters": 0,
            "attempts": 0,
            "error": "",
            "claim": draft.claim + 1 if draft is not None else 0,
            "claimed_until": None,
            "next_attempt_at": now,
            "finished_at": None,
        },
    )
    _processing.schedule()
    return draft


def cancel_draft(translation: Translation) -> bool:
    """End an open draft; return False if there is none. The texts that it has written stay."""
    rows = MachineDraft.objects.filter(translation=translation, state__in=OPEN_STATES)
    values = {"state": DraftState.CANCELLED, "finished_at": timezone.now(), "claim": F("claim") + 1}
    return bool(rows.update(**values))


def delete_ended_drafts() -> None:
    """Delete the drafts that ended some time ago, failed ones too. Only `nightly` calls it."""
    MachineDraft.objects.exclude(state__in=OPEN_STATES).filter(finished_at__lt=timezone.now() - RETENTION).delete()


_processing = OncePerCommit(enqueue_drafts)
