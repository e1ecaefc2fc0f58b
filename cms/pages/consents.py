"""Signal handler that unpublishes testimonials in every locale when their consent is no longer valid."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver

from cms.media.models import Consent

from .models import TestimonialPage


@receiver(post_save, sender=Consent)
@transaction.atomic
def unpublish_after_consent(instance: Consent, created: bool, raw: bool = False, **kwargs: Any) -> None:
    """Unpublish the testimonials of a changed consent if it is withdrawn or expired.

    Those of a consent that begins later stay live and come back on its first day.
    """
    if not (created or raw) and instance.has_lapsed:
        unpublish_testimonials(instance)


def unpublish_testimonials(consent: Consent) -> None:
    """Unpublish the testimonials of a consent in every locale, even in locales that name another consent."""
    contents = TestimonialPage.objects.filter(consent=consent).values("translation_key")
    for page in TestimonialPage.objects.select_for_update().filter(translation_key__in=contents, live=True):
        page.unpublish(set_expired=True, log_action="wagtail.unpublish")
