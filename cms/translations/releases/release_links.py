"""Links to the screen of a release: in the header of a page, and above its editor while a release is prepared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.admin.widgets import Button
from wagtail.models import Page

from cms.translations.models import PlannedRelease
from sites.access.capabilities import has_capability
from sites.access.ownership import CONTAINER_DEPTH, department_of_page
from sites.roles import Capability


def release_buttons(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    """Yield the button in the header of an original; the hook `register_page_header_buttons`."""
    if page.depth is None or page.depth <= CONTAINER_DEPTH or page.alias_of_id is not None:
        return
    department = department_of_page(page)
    if department is None or not has_capability(user, Capability.TRANSLATION, department):
        return
    sources = department.department_locales.filter(is_source=True, locale=page.locale_id)
    if sources.exists() and page.permissions_for_user(user).can_edit():
        url = reverse("translation_release", args=[page.pk])
        yield Button(_("Release with translations"), url, icon_name="wagtail-localize-language", priority=62)


def tell_planned_release(request: HttpRequest, page: Page) -> None:
    """Say above the editor of an original that a release is being prepared; the hook `before_edit_page`."""
    if request.method != "GET" or not PlannedRelease.objects.filter(page=page.pk).exists():
        return
    department = department_of_page(page)
    if department is None or not has_capability(request.user, Capability.TRANSLATION, department):
        return
    message = _(
        "A release of this page is being prepared: its draft is translated. Published here, the original becomes public"
        " alone, and the preparation ends."
    )
    url = reverse("translation_release", args=[page.pk])
    messages.info(request, message, buttons=[messages.button(url, _("Show the release"))])
