"""The screen of a release: the draft of an original, its languages, and the publication of all chosen ones at once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.models import Locale, Page

from cms.translations.models import PlannedRelease
from sites.access.ownership import department_of_page
from sites.models import Department

from .release_plans import end_release, plan_release
from .release_publication import publish_release
from .release_state import ReleaseState, load_state

LANGUAGE, STATE, ACTION = "language", "state", "action"


class ReleaseView(WagtailAdminTemplateMixin, TemplateView):
    """Prepares, ends or publishes the release of an original.

    Access control has checked that the user may send the page to translation. Publishing needs the right to publish
    the original and each chosen translation.
    """

    template_name = "translations/release.html"
    page_title = gettext_lazy("Release")
    header_icon = "wagtail-localize-language"
    http_method_names = ["get", "head", "options", "post"]
    refusals: tuple[str, ...] = ()

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        pages = Page.objects.select_related("latest_revision__user", "locale")
        self.original: Any = get_object_or_404(pages, pk=kwargs["page_id"], alias_of=None).specific
        department = department_of_page(self.original)
        if department is None:
            raise Http404
        self.department: Department = department

    @cached_property
    def release(self) -> PlannedRelease | None:
        return PlannedRelease.objects.select_related("planned_by").filter(page=self.original.pk).first()

    @cached_property
    def state(self) -> ReleaseState:
        return load_state(self.original, self.department, self.request.user)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            self._perform(request.POST.get(ACTION, ""))
        except ValidationError as error:
            self.refusals = tuple(error.messages)
            return self.render_to_response(self.get_context_data())
        return redirect("translation_release", self.original.pk)

    def _perform(self, action: str) -> None:
        title = {"page": self.original.get_admin_display_title()}
        if action == "plan":
            plan_release(self.original, self.request.user)
            messages.success(self.request, _("The release of “%(page)s” is being prepared.") % title)
        elif action == "end":
            end_release(self.original, self.request.user)
            messages.success(self.request, _("The preparation has ended. All texts have been kept.") % title)
        elif action == "publish":
            chosen = self._chosen_languages()
            seen = self.request.POST.get(STATE, "")
            publish_release(self.original, self.department, chosen, self.request.user, seen)
            message = ngettext(
                "“%(page)s” has been published with %(number)d translation.",
                "“%(page)s” has been published with %(number)d translations.",
                len(chosen),
            )
            messages.success(self.request, message % (title | {"number": len(chosen)}))

    def _chosen_languages(self) -> set[int]:
        """Return the keys of the chosen languages; one that does not exist is refused later."""
        values = self.request.POST.getlist(LANGUAGE)
        return {int(value) for value in values if value.isascii() and value.isdecimal() and len(value) < 10}

    def get_page_subtitle(self) -> str:
        return str(self.original.get_admin_display_title())

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *super().get_breadcrumbs_items(),
            {"url": reverse("translation_board"), "label": _("Translations")},
            {"url": "", "label": self.get_page_title(), "sublabel": self.get_page_subtitle()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        known = {each.locale.pk for each in self.state.languages}
        others = Locale.objects.filter(pk__in=self.department.locales.exclude(pk__in=known).values("pk"))
        chosen = self._chosen_languages() if self.request.method == "POST" else None
        languages = [
            (each, each.locale.pk in chosen if chosen is not None else not each.reason) for each in self.state.languages
        ]
        return super().get_context_data(**kwargs) | {
            "original": self.original,
            "release": self.release,
            "state": self.state,
            "languages": languages,
            "missing": [
                locale.get_display_name()
                for locale in others.exclude(pk=self.original.locale_id).order_by("language_code")
            ],
            "has_draft": self.original.has_unpublished_changes or not self.original.live,
            "has_ready": not self.state.reason and any(not each.reason for each in self.state.languages),
            "refusals": self.refusals,
            "names": {"language": LANGUAGE, "state": STATE, "action": ACTION},
        }
