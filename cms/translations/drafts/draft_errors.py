"""The errors of machine drafts: their codes, and the sentences that people read in their own language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.translations.machine import bounded_requests as errors
from cms.translations.machine.services import SERVICES
from cms.translations.models import DraftState, MachineDraft

NOT_OFFERED, NOT_ALLOWED, LOCKED, TOO_LONG = "not_offered", "not_allowed", "locked", "too_long"
DAY_LIMIT, INTERNAL = "day_limit", "internal"
# Errors that only the operator or the service can mend: `manage.py status` reports them. Those that a department can
# mend, such as a wrong key, are shown to its people only.
PROBLEMS = frozenset((errors.UNAVAILABLE, errors.UNREADABLE, errors.REFUSED, INTERNAL))

MESSAGES: dict[str, str | Promise] = {
    errors.KEY: gettext_lazy(
        "%(service)s does not accept the key. An administrator of the department enters it in the settings."
    ),
    errors.QUOTA: gettext_lazy("The quota of the key of %(service)s is used up."),
    errors.BUSY: gettext_lazy("%(service)s takes no more texts at the moment. Try again later."),
    errors.REFUSED: gettext_lazy("%(service)s has refused the texts."),
    errors.UNAVAILABLE: gettext_lazy("%(service)s does not answer."),
    errors.UNREADABLE: gettext_lazy("The answer of %(service)s could not be read."),
    errors.PAIR: gettext_lazy("%(service)s does not translate between these two languages."),
    NOT_OFFERED: gettext_lazy("The department has chosen no service, or another one, for this language."),
    NOT_ALLOWED: gettext_lazy("Whoever asked for it may not change this translation any more, or it was stopped."),
    LOCKED: gettext_lazy("The translation is locked, or waits for approval."),
    TOO_LONG: gettext_lazy("The empty texts have more characters than one draft may have."),
    DAY_LIMIT: gettext_lazy("The department has sent as many characters today as it may. Try again tomorrow."),
    INTERNAL: gettext_lazy("An error of this program has ended it."),
}


def error_message(draft: MachineDraft) -> str:
    """Return why a draft has failed or is tried again, as a sentence; "" without an error."""
    if not draft.error:
        return ""
    message = MESSAGES.get(draft.error, MESSAGES[INTERNAL])
    return str(message) % {"service": service_label(draft.service)}


def service_label(name: str) -> str:
    """Return the name of a service as people know it."""
    return SERVICES[name].label if name in SERVICES else name


def draft_note(draft: MachineDraft) -> str:
    """Return the state of a draft that is open or has failed, as one sentence; "" for others."""
    return " ".join(_sentences(draft))


def load_draft_notes(translations: Iterable[int]) -> dict[int, str]:
    """Return the notes of the drafts of translations, by key, of those about which people should know. One query."""
    return {draft.pk: draft_note(draft) for draft in MachineDraft.objects.of(list(translations)).notable()}


def _sentences(draft: MachineDraft) -> Iterator[str]:
    if draft.state == DraftState.FAILED:
        yield _("Machine draft not finished:")
        yield error_message(draft)
    elif draft.is_open:
        values = {"done": draft.drafted, "total": draft.texts}
        yield _("Machine draft: %(done)d of %(total)d texts") % values if draft.texts else _("Machine draft: waiting")
