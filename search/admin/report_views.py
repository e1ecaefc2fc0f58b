"""The report of the searches of readers, with links to add a synonym or a promoted result."""

from __future__ import annotations

import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Max, OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import ChoiceFilter, ModelChoiceFilter
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BaseColumn, Column, StatusTagColumn
from wagtail.admin.views.reports import ReportView

from search.analytics.query_log import MASK
from search.models import SearchedWords
from search.models.searched_words import KEPT_DAYS
from sites.access.capabilities import departments_with_capability, is_unrestricted
from sites.access.current_department import limit_to_current_department
from sites.access.querysets import manageable_by
from sites.models import Department
from sites.roles import Capability

from .language_fields import LanguageFilter, language_name

TITLE = gettext_lazy("Readers’ searches")
PERIODS = (7, 30, KEPT_DAYS)  # days, besides today
NOTHING = "nothing"


def departments_with_reports(request: HttpRequest) -> QuerySet[Department]:
    """Return the departments whose searches the user may see."""
    if is_unrestricted(request.user):
        return Department.objects.order_by("name")
    keys = [department.pk for department in departments_with_capability(request.user, Capability.REPORTS)]
    return Department.objects.filter(pk__in=keys).order_by("name")


class SearchesFilterSet(WagtailFilterSet):
    period = ChoiceFilter(label=gettext_lazy("Period"), method="filter_period", choices=lambda: period_choices())
    results = ChoiceFilter(
        label=gettext_lazy("Results"),
        method="filter_results",
        choices=[(NOTHING, gettext_lazy("Nothing was found"))],
    )
    language = LanguageFilter()
    department = ModelChoiceFilter(label=gettext_lazy("Department"), queryset=departments_with_reports)

    class Meta:
        model = SearchedWords
        fields = ("language", "department")

    def filter_period(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(day__gt=timezone.localdate() - datetime.timedelta(days=int(value)))

    def filter_results(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Keep the searches that found nothing the last time."""
        return queryset.annotate(last_hits=last_hits()).filter(last_hits=0)


def period_choices() -> list[tuple[str, str]]:
    return [("1", _("Today")), *((str(days), _("The last %(days)d days") % {"days": days}) for days in PERIODS)]


def last_hits() -> Subquery:
    """Return the subquery of the number of results that the same search had on its last day."""
    same_search = SearchedWords.objects.filter(search_key=OuterRef("search_key")).order_by("-day")
    return Subquery(same_search.values("hits")[:1])


class ActionsColumn(BaseColumn):
    """A column of links to prefilled forms that improve the results of a search."""

    cell_template_name = "cms_search/report_actions.html"

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        return context | {"words": instance["words"], "actions": actions_for(parent_context["request"].user, instance)}


def actions_for(user: Any, row: dict[str, Any]) -> list[dict[str, str]]:
    """Return the label and the URL of each form that the user may use for a row."""
    if MASK in row["words"]:
        return []  # The masked words are unknown.
    actions = []
    language = {"language": row["language"]} if row["language"] else {}
    if is_unrestricted(user):
        query = language | {"names": f"{row['words']}, "}
        actions.append({"label": _("Add a synonym"), "url": f"{reverse('search_synonyms:add')}?{urlencode(query)}"})
    promotable_departments = {department.pk for department in departments_with_capability(user, Capability.SEARCH)}
    if is_unrestricted(user) or row["department"] in promotable_departments:
        # An empty value stands for all departments and replaces the current department as the initial value.
        query = language | {"words": row["words"], "department": row["department"] or ""}
        actions.append({"label": _("Promote a result"), "url": f"{reverse('promotions:add')}?{urlencode(query)}"})
    return actions


class SearchesReport(ReportView):
    """The report: words, number of searches and last number of results. The number of queries is constant."""

    model = SearchedWords
    page_title = TITLE
    header_icon = "search"
    index_url_name = "searches:index"
    index_results_url_name = "searches:index_results"
    filterset_class = SearchesFilterSet
    is_searchable = True
    search_fields = ("words",)
    search_backend_name = None
    default_ordering = "-searches"
    columns = [
        Column("words", label=gettext_lazy("Words"), sort_key="words", classname="cms-words"),
        Column("language", label=gettext_lazy("Language"), accessor=lambda row: language_name(row["language"])),
        Column(
            "department",
            label=gettext_lazy("Department"),
            accessor=lambda row: row["department__name"] or _("All departments"),
        ),
        Column("searches", label=gettext_lazy("Searches"), sort_key="searches", width="8%"),
        StatusTagColumn(
            "hits",
            label=gettext_lazy("Results"),
            accessor=lambda row: str(row["hits"]) if row["hits"] else _("Nothing"),
            primary=lambda row: bool(row["hits"]),
            sort_key="hits",
            width="8%",
        ),
        Column(
            "last",
            label=gettext_lazy("Last searched"),
            accessor=lambda row: date_format(row["last"], "SHORT_DATE_FORMAT"),
            sort_key="last",
            width="12%",
        ),
        ActionsColumn("actions", label=gettext_lazy("Actions")),
    ]
    list_export = ("words", "language", "department__name", "searches", "hits", "last")
    export_headings = {
        "words": gettext_lazy("Words"),
        "language": gettext_lazy("Language"),
        "department__name": gettext_lazy("Department"),
        "searches": gettext_lazy("Searches"),
        "hits": gettext_lazy("Results"),
        "last": gettext_lazy("Last searched"),
    }
    export_filename = "searches"

    def get_base_queryset(self) -> QuerySet:
        user = self.request.user
        oldest = timezone.localdate() - datetime.timedelta(days=KEPT_DAYS)
        return limit_to_current_department(
            manageable_by(SearchedWords.objects.filter(day__gt=oldest), user, Capability.REPORTS), user
        )

    def get_queryset(self) -> QuerySet:
        return self.search_queryset(self.get_base_queryset())

    def get_filtered_queryset(self) -> QuerySet:
        rows = self.filter_queryset(self.get_queryset()).order_by()
        searches = rows.values("search_key", "words", "language", "department", "department__name").annotate(
            searches=Sum("times"), last=Max("day"), hits=last_hits()
        )
        return searches.order_by(self.ordering, "words", "search_key")


urlpatterns = [
    path("", SearchesReport.as_view(), name="index"),
    path("results/", SearchesReport.as_view(results_only=True), name="index_results"),
]
