"""Sharing of content between two departments: co-holding, mirrors and copies."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .department import Department


class SharingQuerySet(models.QuerySet["Sharing"]):
    def in_force(self) -> SharingQuerySet:
        """Return sharings that the receiving department has accepted and nobody has ended."""
        return self.filter(state=Sharing.State.ACCEPTED)

    def placed(self) -> SharingQuerySet:
        """Return accepted sharings that place the owner's document on the receiving site: co-held or mirrored."""
        return self.in_force().exclude(taken_as=Sharing.Taken.COPY)


class Sharing(models.Model):
    """A content that its owner shares, in all locales, with a receiving department (`department`).

    Only an accepted row has an effect, so no department can place content on another's site alone. There is one row per
    content and receiving department: proposals, answers and withdrawals change its state, through
    `sites.sharing.transitions`; Wagtail's log records them.
    """

    class Kind(models.TextChoices):
        CO_HOLDING = "co_holding", _("Held together")
        OFFER = "offer", _("Offered")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Waiting for an answer")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn by the owner")
        GIVEN_UP = "given_up", _("Given up")

    class Taken(models.TextChoices):
        MIRROR = "mirror", _("Live mirror")
        COPY = "copy", _("Own copy")

    content_key = models.UUIDField(
        _("content"), db_index=True, help_text=_("Translation key that all locales of the content share.")
    )
    owner = models.ForeignKey(
        Department, verbose_name=_("owner"), on_delete=models.CASCADE, related_name="sharings_given"
    )
    department = models.ForeignKey(
        Department, verbose_name=_("other department"), on_delete=models.CASCADE, related_name="sharings_received"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PROPOSED)
    taken_as = models.CharField(_("taken as"), max_length=10, choices=Taken.choices, blank=True)
    # The contact for co-held content on the receiving site; the department's own contact if empty.
    contact_name = models.CharField(_("name"), max_length=200, blank=True)
    contact_role = models.CharField(_("role"), max_length=200, blank=True)
    contact_email = models.EmailField(_("e-mail"), blank=True)
    contact_phone = models.CharField(_("telephone"), max_length=30, blank=True)
    proposed_at = models.DateTimeField(_("proposed at"), default=timezone.now)
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    changed_at = models.DateTimeField(_("last change"), auto_now=True)

    objects = SharingQuerySet.as_manager()

    class Meta:
        verbose_name = _("shared content")
        verbose_name_plural = _("shared contents")
        constraints = (
            models.UniqueConstraint(fields=("content_key", "department"), name="one_sharing_per_department"),
            models.CheckConstraint(condition=~Q(owner=F("department")), name="shared_with_another_department"),
            models.CheckConstraint(
                condition=Q(taken_as="") | Q(kind="offer"), name="only_offers_are_mirrored_or_copied"
            ),
        )

    def __str__(self) -> str:
        return f"{self.owner.name} → {self.department.name}"

    @property
    def is_copied(self) -> bool:
        """Return True if the receiving department may publish its own copy."""
        return self.state == self.State.ACCEPTED and self.taken_as == self.Taken.COPY
