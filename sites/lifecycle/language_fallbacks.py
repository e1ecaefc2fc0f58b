"""Fallback languages: their storage, and the screen on which a department chooses them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.log_actions import log

from sites.access.capabilities import has_capability
from sites.access.querysets import get_viewable_or_404
from sites.models import Department, DepartmentLocale
from sites.roles import Capability


def languages_of(department: Department) -> list[DepartmentLocale]:
    """Return the languages of a department with their locales, the source language first. One query."""
    return list(department.department_locales.select_related("locale"))


def fallback_codes(rows: list[DepartmentLocale]) -> dict[str, str]:
    """Return the next language of each language of a department, "" without one, by code."""
    codes = {row.pk: row.locale.language_code for row in rows}
    return {row.locale.language_code: codes.get(row.fallback_id or 0, "") for row in rows}


def validate_fallbacks(codes: set[str], fallbacks: Mapping[str, str]) -> None:
    """Raise ValidationError unless the languages are some of these, and every chain of them has an end."""
    foreign = sorted({*fallbacks, *filter(None, fallbacks.values())} - codes)
    if foreign:
        message = _("The department does not have these languages: %(languages)s.")
        raise ValidationError(message % {"languages": ", ".join(foreign)})
    for start in fallbacks:
        chain, following = [start], fallbacks[start]
        while following:
            chain.append(following)
            if following in chain[:-1]:
                message = _("These languages stand in for each other in a circle: %(languages)s.")
                raise ValidationError(message % {"languages": " → ".join(chain)})
            following = fallbacks.get(following, "")


@transaction.atomic
def set_fallbacks(department: Department, fallbacks: Mapping[str, str]) -> None:
    """Store the next language of each language, "" for none; languages that are not named keep theirs.

    Raises ValidationError for a language that the department does not have, and for a circle. No document depends on
    it: API and reader choose the language when they are asked.
    """
    Department.objects.select_for_update().get(pk=department.pk)
    rows = languages_of(department)
    keys = {row.locale.language_code: row.pk for row in rows}
    validate_fallbacks(set(keys), fallback_codes(rows) | dict(fallbacks))
    for code, following in fallbacks.items():
        # Not by `save`, whose signal would write all documents of the department again.
        DepartmentLocale.objects.filter(pk=keys[code]).update(fallback=keys.get(following))


class FallbackForm(forms.Form):
    """For each language of a department, its fallback language."""

    def __init__(self, *args: Any, rows: list[DepartmentLocale], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(row.locale.language_code, row.locale.get_display_name()) for row in rows]
        current = fallback_codes(rows)
        for code, name in names:
            others = [(other, other_name) for other, other_name in names if other != code]
            self.fields[code] = forms.ChoiceField(
                label=_("If a page does not exist in this language: %(language)s") % {"language": name},
                choices=[("", _("say that it does not exist")), *others],
                initial=current[code],
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            validate_fallbacks(set(self.fields), cleaned)
        return cleaned


class LanguageFallbackView(WagtailAdminTemplateMixin, FormView):
    """The form for the department of the URL; Http404 for users without the capability SETTINGS in it."""

    form_class = FallbackForm
    template_name = "cms_sites/language_fallbacks.html"
    page_title = gettext_lazy("Missing languages")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        departments = Department.objects.select_related("site", "container", "collection")
        self.department = get_viewable_or_404(departments, request.user, pk=kwargs["pk"])
        if not has_capability(request.user, Capability.SETTINGS, self.department):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"rows": languages_of(self.department)}

    def form_valid(self, form: FallbackForm) -> HttpResponse:
        try:
            set_fallbacks(self.department, form.cleaned_data)
        except ValidationError as error:  # Somebody else has changed the languages meanwhile.
            form.add_error(None, error)
            return self.form_invalid(form)
        log(self.department, "wagtail.edit")
        messages.success(self.request, _("The settings of %(department)s are saved.") % {"department": self.department})
        return redirect("department_settings", self.department.pk)

    def form_invalid(self, form: FallbackForm) -> HttpResponse:
        messages.error(self.request, _("The settings are not saved: see the errors below."))
        return super().form_invalid(form)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        settings_url = reverse("department_settings", args=[self.department.pk])
        return [
            *self.breadcrumbs_items,
            {"url": settings_url, "label": _("Department settings"), "sublabel": str(self.department)},
            {"url": "", "label": self.page_title, "sublabel": str(self.department)},
        ]

    def get_page_subtitle(self) -> str:
        return str(self.department)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {
            "action_url": reverse("department_languages", args=[self.department.pk]),
            "submit_button_label": _("Save"),
            "submit_button_active_label": _("Saving…"),
            "media": context["form"].media,
        }
