"""Settings that a department edits itself: contact, logo, colours and the login of its members.

Superusers set the name, the host and the languages.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import ModelForm, TextInput
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import UpdateView
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets import AdminAutoHeightTextInput
from wagtail.images import get_image_model
from wagtail.images.widgets import AdminImageChooser
from wagtail.log_actions import log

from sites.access.capabilities import has_capability, is_unrestricted
from sites.access.current_department import current_department, set_current_department
from sites.access.querysets import for_department, get_viewable_or_404, is_viewable_by
from sites.models import Department
from sites.roles import Capability
from sites.validation.colours import MINIMUM_CONTRAST, WHITE, contrast_ratio


class ColourInput(TextInput):
    """A text input for a colour (`#rrggbb`); a script adds a colour picker and the contrast with white."""

    template_name = "cms_sites/colour_input.html"

    def __init__(self) -> None:
        super().__init__({"maxlength": 7, "spellcheck": "false", "autocomplete": "off"})

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        try:
            ratio = contrast_ratio(value, WHITE)
        except (TypeError, ValueError):
            ratio = 0
        return context | {"ratio": ratio, "minimum": MINIMUM_CONTRAST, "is_enough": ratio >= MINIMUM_CONTRAST}


class DepartmentForm(WagtailAdminModelForm):
    """Contact, logo, colours, login and translation rules of a department; offers its own images as the logo."""

    class Meta:
        model = Department
        fields = (
            "contact_email",
            "contact_phone",
            "contact_address",
            "logo",
            "primary_colour",
            "accent_colour",
            "requires_second_factor",
            "requires_single_sign_on",
            "publishes_partial_translations",
            "publishes_machine_translations",
            "unpublishes_translations",
            "shares_translation_memory",
        )
        # Wagtail may register its widgets for the first two fields after this class is created.
        widgets = {
            "logo": AdminImageChooser,
            "contact_address": AdminAutoHeightTextInput(attrs={"rows": 3}),
            "primary_colour": ColourInput,
            "accent_colour": ColourInput,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["logo"].queryset = for_department(get_image_model()._default_manager.all(), self.instance)

    def clean_requires_single_sign_on(self) -> bool:
        """Refuse to disable passwords while the instance has no other login: nobody could log in."""
        is_required: bool = self.cleaned_data["requires_single_sign_on"]
        if is_required and not settings.OIDC:
            raise ValidationError(_("This instance has no login service: its administration configures it first."))
        return is_required


class DepartmentSettingsView(WagtailAdminTemplateMixin, UpdateView):
    """A form for the department of the URL; Http404 for users without the capability SETTINGS in it."""

    form_class = DepartmentForm
    template_name = "cms_sites/settings.html"
    page_title = gettext_lazy("Department settings")

    def get_object(self, queryset: Any = None) -> Department:
        departments = Department.objects.select_related("site", "container", "collection")
        department = get_viewable_or_404(departments, self.request.user, pk=self.kwargs["pk"])
        if not has_capability(self.request.user, Capability.SETTINGS, department):
            raise Http404
        logo = self.request.POST.get("logo")
        if logo and not is_viewable_by(get_image_model(), logo, self.request.user):
            raise Http404  # The form drawn again with errors would show the title of the image.
        return department

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        set_current_department(request, self.object)
        return response

    def form_valid(self, form: ModelForm) -> HttpResponse:
        if form.has_changed():
            log(form.save(), "wagtail.edit")
        messages.success(self.request, _("The settings of %(department)s are saved.") % {"department": self.object})
        return redirect("department_settings", self.object.pk)

    def form_invalid(self, form: ModelForm) -> HttpResponse:
        messages.error(self.request, _("The settings are not saved: see the errors below."))
        return super().form_invalid(form)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title, "sublabel": str(self.object)}]

    def get_page_subtitle(self) -> str:
        return str(self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        saved = Department.objects.get(pk=self.object.pk)  # The form has changed `self.object`.
        return context | {
            "action_url": reverse("department_settings", args=[self.object.pk]),
            "submit_button_label": _("Save"),
            "submit_button_active_label": _("Saving…"),
            "media": context["form"].media,
            "department": saved,
            "languages": saved.department_locales.select_related("locale"),
            "may_remove_languages": is_unrestricted(self.request.user),
        }


def current_department_settings(request: HttpRequest) -> HttpResponse:
    """Redirect to the settings of the current department; to the dashboard if a superuser sees all departments."""
    department = current_department(request)
    if department is None:
        messages.warning(request, _("Choose a department above first."))
        return redirect("wagtailadmin_home")
    return redirect("department_settings", department.pk)
