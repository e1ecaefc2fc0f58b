"""Wagtail's profile of each account, made with the account: Wagtail would make it at the first GET that reads it."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_save
from wagtail.users.models import UserProfile

from .models import User


def connect_signals() -> None:
    """Connect the receiver. Called once, when the applications are ready."""
    post_save.connect(create_profile, sender=User, dispatch_uid="users.create_profile")


def create_profile(sender: Any, instance: User, created: bool, raw: bool = False, **kwargs: Any) -> None:
    if created and not raw:
        UserProfile.objects.get_or_create(user=instance)
