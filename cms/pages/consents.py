"""Takes testimonials offline, in every locale, when the consent they rest on ends or is withdrawn."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.signals import post_save, pre_save
from django.dispatch import receiver

from cms.media.models import Consent
from cms.pages.models import TestimonialPage


@receiver(pre_save, sender=Consent)
def remember_end(instance: Consent, **kwargs: Any) -> None:
    """Keep the end as it was: pages that expire just then do so because of this consent."""
    before = Consent.objects.filter(pk=instance.pk).first()
    instance.end_before = before.ends_at if before else None


@receiver(post_save, sender=Consent)
@transaction.atomic
def follow_consent(instance: Consent, created: bool, raw: bool = False, **kwargs: Any) -> None:
    """Withdraw the testimonials at once when the consent no longer holds, else move their end with it."""
    if created or raw:
        return
    for page in TestimonialPage.objects.filter(consent=instance, live=True):
        if not instance.is_valid_today:
            page.unpublish(set_expired=True, log_action="wagtail.unpublish")
        elif page.expire_at in (None, instance.end_before) or page.expire_at > instance.ends_at:
            page.expire_at = instance.ends_at
            page.save(clean=False)
