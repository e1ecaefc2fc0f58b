"""Consents of testimonials: contents without a valid consent, and their unpublication in every locale."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models.signals import post_save
from django.dispatch import receiver

from cms.media.models import Consent

from .models import TestimonialPage


def contents_without_consent(content_keys: Iterable[UUID]) -> set[UUID]:
    """Return the content keys for which a testimonial in any locale has no consent or a lapsed one. One query.

    The consent of the video counts too, if it has one. A consent that begins later has not lapsed.
    """
    lapsed = Consent.objects.lapsed_today().values("pk")
    without = Q(consent=None) | Q(consent__in=lapsed) | Q(video__consent__in=lapsed)
    pages = TestimonialPage.objects.filter(without, translation_key__in=content_keys)
    return set(pages.values_list("translation_key", flat=True))


@receiver(post_save, sender=Consent)
@transaction.atomic
def unpublish_after_consent(instance: Consent, created: bool, raw: bool = False, **kwargs: Any) -> None:
    """Unpublish the testimonials of a changed consent if it is withdrawn or expired.

    Testimonials whose consent begins later stay live; their documents become public again on its first day.
    """
    if not (created or raw) and instance.has_lapsed:
        unpublish_testimonials(instance)


def unpublish_testimonials(consent: Consent) -> None:
    """Unpublish the testimonials of a consent in every locale, even in locales that name another consent."""
    contents = TestimonialPage.objects.filter(consent=consent).values("translation_key")
    for page in TestimonialPage.objects.select_for_update().filter(translation_key__in=contents, live=True):
        page.unpublish(set_expired=True, log_action="wagtail.unpublish")
