"""Links with which a guest reviews one translation without an account, and the log of their uses."""

from __future__ import annotations

import datetime
import hashlib

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail_localize.models import Translation

MAX_NAME_LENGTH = 100


def hash_of_token(token: str) -> str:
    """Return the hash under which the token of a link is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


class GuestLinkQuerySet(models.QuerySet["GuestLink"]):
    def open(self) -> GuestLinkQuerySet:
        """Return the links that are neither revoked nor expired."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())

    def ended_before(self, moment: datetime.datetime) -> GuestLinkQuerySet:
        """Return the links that were revoked or expired before a moment."""
        return self.filter(models.Q(revoked_at__lt=moment) | models.Q(expires_at__lt=moment))


class GuestLink(models.Model):
    """A link with which one person, without an account, reads, comments on and approves one translated page.

    The link contains a random token of 256 bits; only its hash is stored. It acts with the present permissions of the
    account that made it (`cms.translations.guests.valid_links`), and ends with this account.
    """

    wagtail_reference_index_ignore = True

    translation = models.ForeignKey(
        Translation, verbose_name=_("translation"), on_delete=models.CASCADE, related_name="guest_links"
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("made by"), on_delete=models.CASCADE, related_name="+"
    )
    guest_name = models.CharField(_("name of the guest"), max_length=MAX_NAME_LENGTH)
    guest_email = models.EmailField(_("email address of the guest"), blank=True)
    language = models.CharField(_("language of the screen"), max_length=10)
    created_at = models.DateTimeField(_("made at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    objects = GuestLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("guest link")
        verbose_name_plural = _("guest links")
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"guest link {self.pk} to translation {self.translation_id}"

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()


class GuestUse(models.TextChoices):
    """The uses of a guest link."""

    OPENED = "opened", _("opened")
    COMMENTED = "commented", _("commented")
    SENT_BACK = "sent_back", _("sent back")
    APPROVED = "approved", _("approved")


class GuestLinkUse(models.Model):
    """The uses of one kind of a guest link within one hour: their number, and the time of the last one.

    A row for each request would let whoever has the link fill the table.
    """

    wagtail_reference_index_ignore = True

    link = models.ForeignKey(GuestLink, verbose_name=_("guest link"), on_delete=models.CASCADE, related_name="uses")
    kind = models.CharField(_("use"), max_length=10, choices=GuestUse.choices)
    hour = models.DateTimeField(_("hour"))
    number = models.PositiveIntegerField(_("number"), default=1)
    last_at = models.DateTimeField(_("last time"))

    class Meta:
        verbose_name = _("use of a guest link")
        verbose_name_plural = _("uses of guest links")
        ordering = ("-last_at", "-pk")
        constraints = (models.UniqueConstraint(fields=("link", "kind", "hour"), name="guest_link_use_once_an_hour"),)

    def __str__(self) -> str:
        return f"{self.kind} with guest link {self.link_id}"
