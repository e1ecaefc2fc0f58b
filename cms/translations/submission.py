"""Submission of pages and shared snippets for translation, into the languages of their department only.

In any other language a department has no home page, and wagtail-localize would copy its container.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from wagtail.models import Locale, Page
from wagtail_localize.views import submit_translations

from sites.access.ownership import container_path, department_of_page
from sites.models import Department


def target_locales(instance: Model) -> QuerySet[Locale]:
    """Return the locales in which a page or shared snippet may exist: its department's, or all of the instance."""
    department = department_of_page(instance) if isinstance(instance, Page) else getattr(instance, "owner", None)
    return Locale.objects.all() if department is None else department.locales.all()


def lock_languages(instance: Model) -> None:
    """Lock the department of a page or snippet until the transaction ends: it keeps its languages meanwhile.

    The removal of a language locks the department before all other rows as well.
    """
    departments = Department.objects.select_for_update(of=("self",), no_key=True)
    if isinstance(instance, Page):
        departments = departments.filter(container__path=container_path(instance.path))
    else:
        departments = departments.filter(pk__in=[getattr(instance, "owner_id", None)])
    list(departments.values_list("pk"))


class _TargetLocalesMixin:
    """Limits the form of a submission view to `target_locales`, both what it offers and what it accepts."""

    object: Model

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        lock_languages(self.object)
        response: HttpResponse = super().post(request, **kwargs)  # type: ignore[misc]
        return response

    def get_form(self) -> Form:
        form: Form = super().get_form()  # type: ignore[misc]
        field = form.fields["locales"]
        field.queryset = field.queryset.filter(pk__in=target_locales(self.object).values("pk"))  # type: ignore[attr-defined]
        return form


class SubmitPageView(_TargetLocalesMixin, submit_translations.SubmitPageTranslationView):
    """The view that submits a page for translation, in place of wagtail-localize's.

    The pages below it follow in the background (`cms.translations.subtrees`).
    """

    def get_success_message(self, locales: str) -> str:
        message: str = super().get_success_message(locales)
        if not self.get_form()["include_subtree"].data:
            return message
        below = _("The pages below it are being prepared, and appear one after another.")
        return f"{message} {below}"


class SubmitSnippetView(_TargetLocalesMixin, submit_translations.SubmitSnippetTranslationView):
    """The view that submits a shared snippet for translation, in place of wagtail-localize's."""
