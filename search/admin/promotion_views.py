"""Screens for promoted results, which a department sets for its site and an administrator for all searches."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import ModelChoiceFilter
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permissions import register_permission_policy

from search.engines.contract import EngineUnavailable
from search.models import Promotion
from sites.access.capabilities import departments_with_capability, is_unrestricted
from sites.access.current_department import current_department, limit_to_current_department
from sites.access.permission_policies import DepartmentPermissionPolicy
from sites.access.querysets import manageable_by
from sites.models import Department
from sites.roles import Capability

from .content_finder import (
    LOOK_UP,
    LookUpInput,
    cards_by_content,
    content_choice_label,
    content_placements,
    search_contents,
)
from .language_fields import LanguageField, LanguageFilter, language_name

# Initial values that the URL of the form may contain: the report of searches links here with words.
INITIAL_PARAMETERS = ("department", "language", "words")


def departments_promoting(user: Any) -> QuerySet[Department]:
    """Return the departments for which the user may promote results."""
    if is_unrestricted(user):
        return Department.objects.order_by("name")
    return Department.objects.filter(
        pk__in=[department.pk for department in departments_with_capability(user, Capability.SEARCH)]
    ).order_by("name")


class PromotionForm(WagtailAdminModelForm):
    """The form of a promotion; the content is chosen among the hits of a search on the department's site."""

    language = LanguageField()
    look_for = forms.CharField(
        label=gettext_lazy("Find the content"),
        required=False,
        max_length=200,
        widget=LookUpInput,
        help_text=gettext_lazy("Words of its title or text; then choose it below."),
    )
    content_id = forms.UUIDField(
        label=gettext_lazy("Content"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Find the content and choose it."),
            "invalid": gettext_lazy("Find the content and choose it."),
        },
    )

    class Meta:
        model = Promotion
        fields = ("department", "language", "words", "look_for", "content_id", "position")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        department: Any = self.fields["department"]
        department.queryset = departments_promoting(self.for_user)
        if is_unrestricted(self.for_user):
            department.empty_label = gettext_lazy("All departments: searches of the whole instance")
        else:
            department.required, department.empty_label = True, None
        self._set_content_choices()

    def _set_content_choices(self) -> None:
        """Set the choices to the chosen content and the hits of the search words, and the help text to a note."""
        chosen = self._chosen()
        cards = {UUID(chosen["id"]): chosen} if chosen else {}
        words = str(self["look_for"].value() or self["words"].value() or "").strip()
        note = "" if words else _("Nothing has been looked for yet.")
        if words:
            try:
                hits = search_contents(words, self._language(), self._department())
            except EngineUnavailable:
                note = _("Search does not answer at the moment. Please try again in a few seconds.")
            else:
                cards |= {UUID(card["id"]): card for card in hits}
                note = "" if cards else _("Nothing was found. Try other words, or fewer.")
        choice = self["content_id"]
        choice.help_text = note
        widget: Any = choice.field.widget
        widget.choices = [(str(key), content_choice_label(card, self._language())) for key, card in cards.items()]

    def _chosen(self) -> dict[str, Any] | None:
        """Return the card of the chosen content; None if the department's site does not show it."""
        try:
            key = UUID(str(self["content_id"].value()))
        except ValueError:
            return None
        return cards_by_content({key}, self._language(), self._department()).get(key)

    def _department(self) -> Department | None:
        value, field = self["department"].value(), self.fields["department"]
        try:
            department: Department | None = field.clean(value) if value else None
        except forms.ValidationError:
            department = None
        return department or (None if is_unrestricted(self.for_user) else departments_promoting(self.for_user).first())

    def _language(self) -> str:
        choices = [code for code, _name in self.fields["language"].choices]
        value = self["language"].value()
        return value if value in choices else choices[0]


# The form asks the index, which no transaction waits for. Wagtail's views save in a transaction of their own.
@method_decorator(transaction.non_atomic_requests, name="dispatch")
class _ContentFinderFormView:
    """A mixin that answers the search button of the form with the same form and its values."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if LOOK_UP not in request.POST:
            return super().post(request, *args, **kwargs)  # type: ignore[misc]
        return self.get(request, *args, **kwargs)  # type: ignore[attr-defined]

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()  # type: ignore[misc]
        request: HttpRequest = self.request  # type: ignore[attr-defined]
        if LOOK_UP in request.POST:
            kwargs.pop("data"), kwargs.pop("files", None)
            kwargs["initial"] = kwargs.get("initial", {}) | {
                name: request.POST[name] for name in PromotionForm.base_fields if name in request.POST
            }
        return kwargs

    @property
    def has_unsaved_changes(self) -> bool:
        return bool(self.request.method == "POST")  # type: ignore[attr-defined]


class PromotionCreateView(_ContentFinderFormView, generic.CreateView):
    def get_initial(self) -> dict[str, Any]:
        department, parameters = current_department(self.request), self.request.GET
        initial = super().get_initial() | ({"department": department.pk} if department else {})
        return initial | {name: parameters[name] for name in INITIAL_PARAMETERS if name in parameters}


class PromotionEditView(_ContentFinderFormView, generic.EditView):
    pass


class PromotionFilterSet(WagtailFilterSet):
    language = LanguageFilter()
    department = ModelChoiceFilter(
        label=gettext_lazy("Department"), queryset=lambda request: departments_promoting(request.user)
    )

    class Meta:
        model = Promotion
        fields = ("language", "department")


class PromotionIndexView(generic.IndexView):
    columns = [
        TitleColumn("words", label=gettext_lazy("Words"), sort_key="words", url_name="promotions:edit"),
        Column("content", label=gettext_lazy("Content"), accessor="content_title"),
        Column("position", label=gettext_lazy("Position"), sort_key="position", width="8%"),
        Column("language", label=gettext_lazy("Language"), accessor=lambda row: language_name(row.language)),
        Column(
            "department",
            label=gettext_lazy("Department"),
            accessor=lambda row: row.department.name if row.department else _("All departments"),
        ),
        StatusTagColumn(
            "state",
            label=gettext_lazy("State"),
            accessor=lambda row: _("Shown") if row.is_shown else _("Not published here at present"),
            primary=lambda row: row.is_shown,
        ),
    ]

    def get_base_queryset(self) -> QuerySet[Promotion]:
        rows = manageable_by(super().get_base_queryset(), self.request.user, Capability.SEARCH)
        return limit_to_current_department(rows.select_related("department"), self.request.user)

    def paginate_queryset(self, queryset: QuerySet[Promotion], page_size: int) -> tuple[Any, ...]:
        """Add the title and the state of its content to each promotion of a page. Two queries."""
        paginator, page, rows, is_paginated = super().paginate_queryset(queryset, page_size)
        promotions = list(rows)
        contents = {row.content_id for row in promotions}
        cards, sites = cards_by_content(contents), content_placements(contents)
        for row in promotions:
            is_on_site = row.department_id is None or (row.content_id, row.department_id) in sites
            row.is_shown = row.content_id in cards and is_on_site
            # The title of a content that is not on the department's site must not be shown.
            row.content_title = cards[row.content_id]["title"] if row.is_shown else "–"
        return paginator, page, promotions, is_paginated


class PromotionViewSet(ModelViewSet):
    model = Promotion
    name = "promotions"
    url_prefix = "search/promotions"
    icon = "pick"
    menu_label = gettext_lazy("Promoted results")
    menu_name = "promotions"
    menu_order = 700
    add_to_settings_menu = True
    index_view_class = PromotionIndexView
    add_view_class = PromotionCreateView
    edit_view_class = PromotionEditView
    filterset_class = PromotionFilterSet
    search_fields = ("words",)
    search_backend_name = None
    list_per_page = 50
    copy_view_enabled = False
    add_to_reference_index = False

    def get_form_class(self, for_update: bool = False) -> type[PromotionForm]:
        return PromotionForm


register_permission_policy(Promotion, DepartmentPermissionPolicy(Promotion, Capability.SEARCH))
