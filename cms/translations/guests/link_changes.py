"""Makes, revokes and deletes guest links, and records their uses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import Page
from wagtail_localize.models import Translation

from cms.translations.models import GuestLink, GuestLinkUse
from cms.translations.models.guest_link import GuestUse, hash_of_token

from .guest_mail import send_link
from .link_tokens import new_token

DEFAULT_DAYS, MAX_DAYS = 14, 90
MAX_OPEN_LINKS = 20  # Of one translation.
# The department sees the uses of a link for so long after its end.
TIME_AFTER_END = timedelta(days=30)


@transaction.atomic
def make_link(
    translation: Translation, page: Page, by: Any, *, name: str, email: str, language: str, days: int
) -> tuple[GuestLink, str]:
    """Make a link for a guest, and send it if an e-mail address is given. Return it with its address.

    The URL cannot be computed later: only the hash of its token is stored. The caller has checked that the account
    may review the page. Raises ValidationError if the translation has too many links that work.
    """
    list(Translation.objects.select_for_update().filter(pk=translation.pk))
    if GuestLink.objects.open().filter(translation=translation).count() >= MAX_OPEN_LINKS:
        message = _("This translation has %(number)s links that work: revoke some first.")
        raise ValidationError(message % {"number": MAX_OPEN_LINKS})
    token = new_token()
    link = GuestLink.objects.create(
        translation=translation,
        token_hash=hash_of_token(token),
        created_by=by,
        guest_name=name,
        guest_email=email,
        language=language,
        expires_at=timezone.now() + timedelta(days=days),
    )
    url = settings.WAGTAILADMIN_BASE_URL.rstrip("/") + reverse("guest_review", args=[token])
    log_guest(link, page, "guest_link", by)
    if email:
        send_link(link, page, url)
    return link, url


def revoke_link(link: GuestLink, page: Page, by: Any) -> None:
    """End a link: from now on it has the answer of an unknown one."""
    if GuestLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now()):
        log_guest(link, page, "guest_link_revoked", by)


def log_guest(link: GuestLink, page: Page, action: str, by: Any) -> None:
    """Write an entry about a guest into the history of the page."""
    log(instance=page, action=f"translations.{action}", user=by, data={"guest": link.guest_name, "link": link.pk})


@transaction.atomic
def record_use(link: GuestLink, kind: GuestUse) -> None:
    """Count a use of the link in the present hour."""
    now = timezone.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    empty = GuestLinkUse(link=link, kind=kind, hour=hour, number=0, last_at=now)
    GuestLinkUse.objects.bulk_create([empty], ignore_conflicts=True)
    GuestLinkUse.objects.filter(link=link, kind=kind, hour=hour).update(number=F("number") + 1, last_at=now)


def delete_ended_links() -> None:
    """Delete the links that ended more than TIME_AFTER_END ago, with their uses. Comments keep the guest's name."""
    GuestLink.objects.ended_before(timezone.now() - TIME_AFTER_END).delete()
