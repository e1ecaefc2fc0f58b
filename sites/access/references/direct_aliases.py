"""Aliases of aliases: each becomes an alias of the original when it is stored.

Whoever asks what an alias shows, and whether that is private, looks at one page then. Wagtail updates all aliases of a
page, and deletes the link to an alias that is deleted, which would make a page of its own of an alias of it.
"""

from __future__ import annotations

from typing import Any

from django.db.models.signals import pre_save
from wagtail.models import Page


def keep_aliases_direct() -> None:
    """Connect the signal; called once, when the applications are ready."""
    pre_save.connect(_before_save, dispatch_uid="direct_aliases")


def _before_save(instance: Any, raw: bool = False, **kwargs: Any) -> None:
    """Let an alias refer to the original of the alias to which it refers; one query for an alias."""
    if not raw and isinstance(instance, Page) and instance.alias_of_id is not None:
        above = Page.objects.filter(pk=instance.alias_of_id).values_list("alias_of", flat=True).first()
        if above is not None:
            instance.alias_of_id = above
