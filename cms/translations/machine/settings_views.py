"""The screen on which a department chooses a translation service for each language, and stores its keys."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.log_actions import LogActionRegistry, log

from cms.translations.models import MachineKey, MachineLanguage
from sites.access.capabilities import has_capability
from sites.access.current_department import current_department
from sites.models import Department, DepartmentLocale
from sites.roles import Capability

from .daily_use import characters_per_draft, daily_use
from .service_keys import instance_key, store_key
from .services import MAX_KEY_LENGTH, MachineService, offered_services

ACTION = "translations.machine_settings"
LANGUAGE, KEY, REMOVED = "language-", "key-", "removed-"


class MachineSettingsForm(forms.Form):
    """A service for each language of translation, and a key for each service. A stored key is never shown."""

    def __init__(self, *args: Any, department: Department, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.department = department
        self.services = offered_services()
        self.stored = {row.service: row for row in MachineKey.objects.filter(department=department)}
        rows = department.department_locales.filter(is_source=False).select_related("locale", "machine_language")
        self.languages: list[DepartmentLocale] = list(rows.order_by("locale__language_code"))
        choices = [("", _("none")), *((service.name, service.label) for service in self.services)]
        for language in self.languages:
            self.fields[f"{LANGUAGE}{language.pk}"] = forms.ChoiceField(
                label=language.locale.get_display_name(),
                choices=choices,
                required=False,
                initial=getattr(getattr(language, "machine_language", None), "service", ""),
            )
        for service in self.services:
            self._add_key_fields(service)

    def _add_key_fields(self, service: MachineService) -> None:
        name, stored = {"service": service.label}, self.stored.get(service.name)
        if stored is not None:
            help_text = _("A key is stored. It is not shown again; a new one replaces it.")
        elif instance_key(service):
            help_text = _("Without a key of the department, that of the instance is used.")
        elif service.needs_key:
            help_text = _("Without a key, nothing can be translated.")
        else:
            help_text = _("The service may work without a key.")
        self.fields[f"{KEY}{service.name}"] = forms.CharField(
            label=_("Key for %(service)s") % name,
            required=False,
            max_length=MAX_KEY_LENGTH,
            widget=forms.PasswordInput({"autocomplete": "new-password", "spellcheck": "false"}),
            help_text=help_text,
        )
        if stored is not None:
            self.fields[f"{REMOVED}{service.name}"] = forms.BooleanField(
                label=_("Remove the key for %(service)s") % name, required=False
            )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        chosen = {value for name, value in values.items() if name.startswith(LANGUAGE)}
        for service in self.services:
            field = f"{KEY}{service.name}"
            key, is_removed = values.get(field) or "", bool(values.get(f"{REMOVED}{service.name}"))
            if key and is_removed:
                self.add_error(field, _("Enter a key, or remove it."))
            elif key and not service.is_valid_key(key):
                self.add_error(field, _("This is no key of %(service)s.") % {"service": service.label})
            has_key = bool(key or instance_key(service) or (service.name in self.stored and not is_removed))
            if service.name in chosen and service.needs_key and not has_key and field not in self.errors:
                self.add_error(field, _("%(service)s needs a key.") % {"service": service.label})
        return values

    def save(self) -> dict[str, Any]:
        """Store the choices and the keys; return what has changed, without the keys, for the history."""
        changes: dict[str, Any] = {}
        for language in self.languages:
            name = f"{LANGUAGE}{language.pk}"
            if name not in self.changed_data:
                continue
            service = self.cleaned_data[name]
            changes[language.locale.language_code] = service
            if service:
                MachineLanguage.objects.update_or_create(language=language, defaults={"service": service})
            else:
                MachineLanguage.objects.filter(language=language).delete()
        for service in self.services:
            key = self.cleaned_data[f"{KEY}{service.name}"]
            is_removed = bool(self.cleaned_data.get(f"{REMOVED}{service.name}"))
            if key or is_removed:
                store_key(self.department, service, key)
                changes[f"key of {service.name}"] = "removed" if is_removed else "stored"
        return changes


@method_decorator(sensitive_post_parameters(), name="dispatch")
class MachineSettingsView(WagtailAdminTemplateMixin, TemplateView):
    """The services and keys of the current department.

    Raises Http404 for users without the capability SETTINGS in it, and if the instance offers no service.
    """

    template_name = "translations/machine_settings.html"
    page_title = gettext_lazy("Machine translation")
    header_icon = "wagtail-localize-language"
    http_method_names = ["get", "head", "options", "post"]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        department = current_department(request)
        if department is None or not may_choose_services(request):
            raise Http404
        self.department: Department = department

    @cached_property
    def form(self) -> MachineSettingsForm:
        data = self.request.POST if self.request.method == "POST" else None
        return MachineSettingsForm(data, department=self.department)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():
            if self.form.is_valid():
                if changes := self.form.save():
                    log(instance=self.department, action=ACTION, user=request.user, data=changes)
                messages.success(request, _("The settings of machine translation are saved."))
                return redirect("machine_settings")
        messages.error(request, _("The settings are not saved: see the errors below."))
        return self.render_to_response(self.get_context_data())

    def get_page_subtitle(self) -> str:
        return str(self.department)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "form": self.form,
            "languages": [self.form[f"{LANGUAGE}{language.pk}"] for language in self.form.languages],
            "keys": [field for field in self.form if field.name.startswith((KEY, REMOVED))],
            "use": daily_use(self.department),
            "limit": characters_per_draft(),
            "department": self.department,
            "media": self.form.media,
        }


def may_choose_services(request: HttpRequest) -> bool:
    """Return True if the instance offers a service, and the user may edit the settings of the current department."""
    department = current_department(request)
    if department is None or not offered_services():
        return False
    return has_capability(request.user, Capability.SETTINGS, department)


def machine_log_actions(actions: LogActionRegistry) -> None:
    """Register the log action; the hook `register_log_actions`."""
    actions.register_action(
        ACTION, _("Machine translation: settings"), _("Changed the settings of machine translation")
    )
