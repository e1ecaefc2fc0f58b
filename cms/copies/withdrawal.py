"""Signal handlers that unpublish copies in every language when their origin is no longer offered."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_save, pre_delete
from django.dispatch import receiver
from wagtail.models import Page

from cms.pages.models.copy_origin import CopyOrigin
from sites.models import Sharing


@receiver(post_save, sender=Sharing)
def unpublish_after_withdrawal(instance: Sharing, raw: bool = False, **kwargs: Any) -> None:
    if not raw and not instance.is_copied:
        unpublish_copies(instance)


@receiver(pre_delete, sender=Sharing)
def unpublish_after_deletion(instance: Sharing, **kwargs: Any) -> None:
    unpublish_copies(instance)


def unpublish_copies(sharing: Sharing) -> None:
    """Unpublish the copies of an offer in every locale. They stay in their department as drafts."""
    keys = CopyOrigin.objects.filter(sharing=sharing).values("content_key")
    for page in Page.objects.filter(translation_key__in=keys, live=True).specific():
        page.unpublish(log_action="wagtail.unpublish")
