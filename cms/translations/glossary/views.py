"""The screens of the glossary: a list that everybody who translates reads, and forms for those who manage it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import ModelChoiceFilter
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets import Button
from wagtail.models import Locale
from wagtail.permissions import register_permission_policy

from cms.translations.board.cells import board_languages
from cms.translations.models import GlossaryTerm
from sites.access.capabilities import departments_with_capability, is_unrestricted
from sites.access.current_department import current_department, listed_for
from sites.access.permission_policies import DepartmentPermissionPolicy
from sites.models import Department
from sites.roles import Capability

from .term_storage import MAX_TERMS, has_room_for_term


def managed_departments(user: Any) -> QuerySet[Department]:
    """Return the departments whose glossaries the user may change."""
    departments = Department.objects.order_by("name")
    if is_unrestricted(user):
        return departments
    managed = departments_with_capability(user, Capability.TRANSLATION)
    return departments.filter(pk__in=[department.pk for department in managed])


class LanguageChoiceField(forms.ModelChoiceField):
    """A choice among the languages of the departments that the user manages."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.get_display_name())


class TermForm(WagtailAdminModelForm):
    """The form of a term. A name of a profession that is saved becomes a term of a person."""

    source_locale = LanguageChoiceField(Locale.objects.none(), label=gettext_lazy("Source language"), empty_label=None)
    target_locale = LanguageChoiceField(
        Locale.objects.none(), label=gettext_lazy("Language of the translation"), empty_label=None
    )

    class Meta:
        model = GlossaryTerm
        fields = ("department", "source_locale", "target_locale", "source", "target", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        departments = managed_departments(self.for_user)
        department: Any = self.fields["department"]
        department.queryset, department.empty_label = departments, None
        for name in ("source_locale", "target_locale"):
            field: Any = self.fields[name]
            field.queryset = Locale.objects.filter(departments__in=departments).distinct()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        department = data.get("department")
        if department is None:
            return data
        for name in ("source_locale", "target_locale"):
            locale = data.get(name)
            if locale is not None and not department.locales.filter(pk=locale.pk).exists():
                self.add_error(name, _("The department does not have this language."))
        if self.instance.pk is None and not has_room_for_term(department):
            message = _("A department has at most %(number)s terms in its glossaries: delete some.")
            raise ValidationError(message % {"number": MAX_TERMS})
        return data

    def save(self, commit: bool = True) -> Any:
        self.instance.origin = GlossaryTerm.Origin.HUMAN
        return super().save(commit)


class TermCreateView(generic.CreateView):
    def get_initial(self) -> dict[str, Any]:
        department = current_department(self.request) or managed_departments(self.request.user).first()
        if department is None:
            return dict(super().get_initial())
        target = self.request.GET.get("target_locale")
        targets = department.department_locales.filter(is_source=False).values_list("locale", flat=True)
        return dict(super().get_initial()) | {
            "department": department.pk,
            "source_locale": department.source_locale.pk,
            "target_locale": target or targets.first(),
        }


class TermFilterSet(WagtailFilterSet):
    target_locale = ModelChoiceFilter(
        label=gettext_lazy("Language of the translation"),
        queryset=lambda request: Locale.objects.filter(pk__in=[locale.pk for locale in board_languages(request)]),
    )

    class Meta:
        model = GlossaryTerm
        fields = ("target_locale", "origin")


class TermIndexView(generic.IndexView):
    """The terms of the current department in the languages in which the user works."""

    # Translators have no permission on terms, and read those of their languages.
    any_permission_required = None
    default_ordering = ("source", "target")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not (self.languages or is_unrestricted(request.user)):
            raise PermissionDenied
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    @cached_property
    def languages(self) -> list[Locale]:
        return board_languages(self.request)

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        buttons: list[Button] = super().header_more_buttons
        if self.user_has_permission("add") and current_department(self.request) is not None:
            label = _("Memory and glossary files")
            buttons.append(Button(label, url=reverse("language_resources"), icon_name="download", priority=20))
        return buttons

    @cached_property
    def columns(self) -> list[Column]:
        return [
            TitleColumn("source", label=_("Term"), get_url=self.get_edit_url, sort_key="source"),
            Column("target", label=_("Translation of the term"), sort_key="target"),
            Column("language", label=_("Language"), accessor=lambda row: row.target_locale.get_display_name()),
            Column("note", label=_("Note"), accessor="note"),
            Column("origin", label=_("Origin"), accessor=lambda row: row.get_origin_display()),
        ]

    def get_base_queryset(self) -> QuerySet[GlossaryTerm]:
        terms = GlossaryTerm.objects.select_related("target_locale")
        if current_department(self.request) is not None:
            terms = terms.filter(target_locale__in=self.languages)
        return listed_for(terms, self.request)


class GlossaryViewSet(ModelViewSet):
    model = GlossaryTerm
    name = "glossary"
    url_prefix = "translations/glossary"
    icon = "openquote"
    index_view_class = TermIndexView
    add_view_class = TermCreateView
    filterset_class = TermFilterSet
    search_fields = ("source", "target", "note")
    search_backend_name = None
    list_per_page = 50
    copy_view_enabled = False
    add_to_reference_index = False

    def get_form_class(self, for_update: bool = False) -> type[TermForm]:
        return TermForm


register_permission_policy(GlossaryTerm, DepartmentPermissionPolicy(GlossaryTerm, Capability.TRANSLATION))
