"""Aliases of aliases: each becomes an alias of the original when it is stored, or when its original becomes an alias.

Code that looks up the content of an alias, and its privacy, then reads one page only. Wagtail updates all aliases of a
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
    """Let an alias, and the aliases that it has, refer to the original above it; two queries for an alias."""
    if raw or not isinstance(instance, Page) or instance.alias_of_id is None:
        return
    above = Page.objects.filter(pk=instance.alias_of_id).values_list("alias_of", flat=True).first()
    if above is not None:
        instance.alias_of_id = above
    followers = Page.objects.filter(alias_of=instance.pk) if instance.pk is not None else Page.objects.none()
    if followers.exists():
        _show_present_text(instance.pk)
        followers.update(alias_of=instance.alias_of_id)


def _show_present_text(page_id: int) -> None:
    """Give the aliases of a page that becomes an alias the text that it has taken over from its original.

    They would keep the former one until the original is published again, and their documents are written now.
    """
    page = Page.objects.get(pk=page_id).specific
    if page.live:
        page.update_aliases()
