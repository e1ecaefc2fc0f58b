"""The page that holds everything a department owns in the page tree."""

from typing import NoReturn

from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page


class DepartmentContainerPage(Page):
    """Parent of a department's locale homes; never routed, never translated, made only by provisioning.

    Without it the homes would be children of Root, Root would become the common ancestor of a department's
    permissions, and its editors could read every other department's drafts in the explorer.
    """

    # Only provisioning makes one.
    is_creatable = False
    parent_page_types: tuple[str, ...] = ("wagtailcore.Page",)

    class Meta:
        verbose_name = _("department container")
        verbose_name_plural = _("department containers")

    def route(self, request: HttpRequest, path_components: list[str]) -> NoReturn:
        raise Http404

    def get_url_parts(self, request: HttpRequest | None = None) -> None:
        return None
