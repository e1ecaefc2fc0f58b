"""Translations of originals that are unpublished or deleted: unpublished or kept, as their department has chosen.

The signals are sent whatever unpublishes a page: a screen, a bulk action, an expiry date, a command.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Q
from django.utils.translation import ngettext
from wagtail.log_actions import LogContext
from wagtail.models import Page
from wagtail_localize.models import Translation

from sites.access.ownership import container_path, departments_by_container_path
from sites.lifecycle.deletion_protection import is_retiring
from sites.models import Department
from sites.people.request_context import current_request


def source_unpublished(instance: Page, **kwargs: Any) -> None:
    """Unpublish the translations of an original that is no longer public, if its department wants this."""
    _unpublish_translations(instance, set_expired=instance.expired)


def source_deleted(instance: Any, **kwargs: Any) -> None:
    """Unpublish the translations of an original that is deleted, if its department wants this."""
    if isinstance(instance, Page):
        _unpublish_translations(instance, set_expired=False)


def _unpublish_translations(source: Page, *, set_expired: bool) -> None:
    request = current_request()
    user = None if request is None or not request.user.is_authenticated else request.user
    for department, translation in public_translations([source]):
        if department.unpublishes_translations and not is_retiring(department):
            with LogContext(user=user):  # Each page has the change in its own history.
                translation.specific.unpublish(set_expired=set_expired, user=user)


def public_translations(sources: Collection[Page]) -> list[tuple[Department, Page]]:
    """Return the public translations of pages, each with its department, without those that are among the pages.

    A version that was made without wagtail-localize is a translation of the one in the department's source language. At
    most four queries, for any number of pages.
    """
    originals = {(page.translation_key, page.locale_id) for page in sources}
    keys = {key for key, _locale in originals}
    versions = Page.objects.filter(translation_key__in=keys, live=True).exclude(pk__in=[page.pk for page in sources])
    versions = list(versions.select_related("locale").order_by("locale__language_code", "pk"))
    if not versions:
        return []
    departments = departments_by_container_path()
    rows = Translation.objects.filter(source__object__in=keys).values_list(
        "source__object", "target_locale", "source__locale"
    )
    source_locales = {(key, target): source for key, target, source in rows}
    found = []
    for version in versions:
        department = departments.get(container_path(version.path))
        if department is not None:
            default = next((row.locale_id for row in department.department_locales.all() if row.is_source), None)
            source_locale = source_locales.get((version.translation_key, version.locale_id), default)
            if (version.translation_key, source_locale) in originals:
                found.append((department, version))
    return found


def with_descendants(pages: Collection[Page]) -> list[Page]:
    """Return pages and all pages below them. One query."""
    below = Q(pk__in=[page.pk for page in pages])
    for page in pages:
        below |= Q(path__startswith=page.path)
    return list(Page.objects.filter(below))


def effect_on_translations(sources: Collection[Page]) -> list[str]:
    """Return sentences on the effect of unpublishing or deleting pages on their public translations; [] without any."""
    found = public_translations(sources)
    unpublished = [page for department, page in found if department.unpublishes_translations]
    kept = [page for department, page in found if not department.unpublishes_translations]
    sentences = []
    if unpublished:
        message = ngettext(
            "%(count)d public translation is unpublished too (%(languages)s), as the settings of the department say.",
            "%(count)d public translations are unpublished too (%(languages)s), as the settings of the department say.",
            len(unpublished),
        )
        sentences.append(message % {"count": len(unpublished), "languages": _languages(unpublished)})
    if kept:
        message = ngettext(
            "%(count)d translation stays public (%(languages)s), as the settings of the department say.",
            "%(count)d translations stay public (%(languages)s), as the settings of the department say.",
            len(kept),
        )
        sentences.append(message % {"count": len(kept), "languages": _languages(kept)})
    return sentences


def _languages(pages: Collection[Page]) -> str:
    return ", ".join(dict.fromkeys(str(page.locale.get_display_name()) for page in pages))
