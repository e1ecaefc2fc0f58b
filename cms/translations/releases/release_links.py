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
from sites.access.capabilities import departments_with_capability, is_unrestricted
from sites.access.ownership import CONTAINER_DEPTH, department_of_page
from sites.models import Department
from sites.roles import Capability


def release_buttons(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    """Yield the button in the header of an original; the hook `register_page_header_buttons`."""
    if page.depth is None or page.depth <= CONTAINER_DEPTH or page.alias_of_id is not None:
        return
    department = _department_of(page, user)
    if department is None:
        return
    is_source = any(row.is_source and row.locale_id == page.locale_id for row in department.languages)
    if is_source and page.permissions_for_user(user).can_edit():
        url = reverse("translation_release", args=[page.pk])
        yield Button(_("Release with translations"), url, icon_name="wagtail-localize-language", priority=62)


def _department_of(page: Page, user: Any) -> Department | None:
    """Return the department of a page if the user translates its originals. No query for members."""
    if is_unrestricted(user):
        return department_of_page(page)
    departments = departments_with_capability(user, Capability.TRANSLATION)
    return next((each for each in departments if page.path.startswith(each.container.path)), None)


def show_planned_release(request: HttpRequest, page: Page) -> None:
    """Show above the editor of an original that a release is being prepared; the hook `before_edit_page`."""
    if request.method != "GET" or not PlannedRelease.objects.filter(page=page.pk).exists():
        return
    if _department_of(page, request.user) is None:
        return
    message = _(
        "A release of this page is being prepared: its draft is translated. Published here, the original becomes public"
        " alone, and the preparation ends."
    )
    url = reverse("translation_release", args=[page.pk])
    messages.info(request, message, buttons=[messages.button(url, _("Show the release"))])
