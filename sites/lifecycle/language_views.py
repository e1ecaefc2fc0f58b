"""The screen on which an administrator of the instance removes a language from a department."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from sites.access.capabilities import is_unrestricted
from sites.models import DepartmentLocale

from .language_removal import content_in, removal_refusal, remove_language


class RemoveLanguageView(WagtailAdminTemplateMixin, TemplateView):
    """Shows what is deleted with a language, and removes it after the confirmation.

    Raises Http404 for everybody but administrators of the instance, who also add languages.
    """

    template_name = "cms_sites/language_remove.html"
    page_title = gettext_lazy("Remove a language")
    header_icon = "bin"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not is_unrestricted(request.user):
            raise Http404
        rows = DepartmentLocale.objects.select_related("department__container", "department__site", "locale")
        self.row = get_object_or_404(rows, department=kwargs["pk"], locale__language_code=kwargs["language_code"])
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        values = {"language": self.row.locale.get_display_name(), "department": str(self.row.department)}
        try:
            remove_language(self.row, self.request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("department_language_remove", self.row.department_id, self.row.locale.language_code)
        messages.success(request, _("%(language)s has been removed from %(department)s.") % values)
        return redirect("department_settings", self.row.department_id)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        settings_url = reverse("department_settings", args=[self.row.department_id])
        return [
            *self.breadcrumbs_items,
            {"url": settings_url, "label": _("Department settings"), "sublabel": str(self.row.department)},
            {"url": "", "label": self.page_title, "sublabel": self.row.locale.get_display_name()},
        ]

    def get_page_subtitle(self) -> str:
        return str(self.row.locale.get_display_name())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "row": self.row,
            "content": content_in(self.row),
            "refusal": removal_refusal(self.row),
        }
