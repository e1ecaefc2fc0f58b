"""Wagtail's reports, limited to objects of the current department; Wagtail checks permissions on the model only."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import path
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import ContentTypeFilter
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.utils import get_user_display_name
from wagtail.admin.views.reports import aging_pages, audit_logging, locked_pages, page_types_usage, workflows
from wagtail.log_actions import registry as log_action_registry
from wagtail.models import Page, PageLogEntry, Site
from wagtail_localize.views.report import TranslationsReportFilterSet, TranslationsReportView

from sites.access.capabilities import is_unrestricted
from sites.access.current_department import listed_for
from sites.access.references.readable_titles import drafts_condition, with_readable_titles

from .audit_report import AuditLogReport


class _ListedRowsMixin:
    """Limits the report to objects that lists show to the user."""

    def get_queryset(self) -> QuerySet:
        return listed_for(super().get_queryset(), self.request)  # type: ignore[misc,attr-defined]


class WorkflowReport(_ListedRowsMixin, workflows.WorkflowView):
    pass


class WorkflowTasksReport(_ListedRowsMixin, workflows.WorkflowTasksView):
    pass


class LockedPagesReport(_ListedRowsMixin, locked_pages.LockedPagesView):
    """Locked pages. Wagtail's report also shows users the pages that they locked in a department that they left."""


class AgingPagesReport(aging_pages.AgingPagesView):
    """Pages by the time since their publication.

    Wagtail's report shows user names instead of display names, and “None” for a page that no user has published.
    """

    def decorate_paginated_queryset(self, queryset: Any) -> Any:
        keys = {page.last_published_by for page in queryset}
        names = {user.pk: get_user_display_name(user) for user in self.user_model.objects.filter(pk__in=keys)}
        for page in queryset:
            self.add_last_publisher_name_to_page(names, page)
            page.last_published_by_user = page.last_published_by_user or str(_("system"))
        return queryset


class TranslationsFilterSet(TranslationsReportFilterSet):
    """The filters of wagtail-localize, with translated labels for the two languages."""

    class Meta(TranslationsReportFilterSet.Meta):
        pass

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["source_locale"].label = _("Source language")
        self.filters["target_locale"].label = _("Target language")


class TranslationsPaginator(WagtailPaginator):
    """Wagtail's paginator with a translated name of the rows: that of the model exists in English only."""

    verbose_name = _("translation")
    verbose_name_plural = _("translations")


class TranslationsReport(_ListedRowsMixin, TranslationsReportView):
    filterset_class = TranslationsFilterSet
    paginator_class = TranslationsPaginator
    # The report of wagtail-localize has no order, so that pages of the list could overlap.
    default_ordering = ("-created_at", "-pk")
    list_export = ("source.object_repr", "source.locale", "target_locale", "get_status_display")
    export_headings = {
        "source.object_repr": _("Source"),
        "source.locale": _("Source language"),
        "target_locale": _("Target language"),
        "get_status_display": _("Status"),
    }

    def get_queryset(self) -> QuerySet:
        """Return the translations, without those whose original's title the user may not read."""
        rows = super().get_queryset().order_by(*self.default_ordering).select_related("source__locale", "target_locale")
        if is_unrestricted(self.request.user):
            return rows
        originals = Page.objects.filter(translation_key=OuterRef("source__object"), locale=OuterRef("source__locale"))
        return rows.filter(Exists(with_readable_titles(originals, self.request.user)))


def entries_listed_for(request: HttpRequest) -> list[Any]:
    """Return the log entries about objects that lists show to the user: one queryset for each log model.

    Entries about pages name drafts, and are listed for those who may read these.
    """
    return [
        listed_for(model.objects.all(), request).filter(
            drafts_condition(request.user, "page__") if model is PageLogEntry else Q()
        )
        for model in log_action_registry.get_log_entry_models()
    ]


def _types_of_entries(request: Any) -> QuerySet[ContentType]:
    keys = {key for entries in entries_listed_for(request) for key in entries.get_content_type_ids()}
    return ContentType.objects.filter(pk__in=keys).order_by("model")


class HistoryFilterSet(audit_logging.SiteHistoryReportFilterSet):
    """Wagtail's filters; they offer the users, actions and content types of the entries that the user may view."""

    object_type = ContentTypeFilter(
        label=audit_logging.SiteHistoryReportFilterSet.base_filters["object_type"].label,
        method="filter_object_type",
        queryset=_types_of_entries,
    )

    class Meta(audit_logging.SiteHistoryReportFilterSet.Meta):
        pass

    def get_action_choices(self) -> list[tuple[str, Any]]:
        actions = {action for entries in entries_listed_for(self.request) for action in entries.get_actions()}
        return [choice for choice in log_action_registry.get_choices() if choice[0] in actions]

    def get_users_queryset(self) -> QuerySet:
        users = listed_for(get_user_model()._default_manager.all(), self.request)
        has_entries = Q()
        for entries in entries_listed_for(self.request):
            has_entries |= Q(pk__in=entries.order_by().values("user"))
        return users.filter(has_entries).order_by(get_user_model().USERNAME_FIELD)


class SiteHistoryReport(audit_logging.LogEntriesView):
    """The log entries about objects of the current department."""

    filterset_class = HistoryFilterSet

    def get_filtered_queryset(self) -> QuerySet:
        """Return the keys of the entries of all logs, newest first, with the columns of Wagtail's view."""
        self.log_models = list(log_action_registry.get_log_entry_models())
        parts = []
        for index, entries in enumerate(entries_listed_for(self.request)):
            keys = entries.values("pk", "timestamp").annotate(log_model_index=Value(index, output_field=IntegerField()))
            parts.append(self.filter_queryset(keys).order_by())
        first, *others = parts
        return first.union(*others, all=True).order_by("-timestamp")


class UsageFilterSet(page_types_usage.PageTypesUsageReportFilterSet):
    """Wagtail's filters; they offer the sites of the user's departments."""

    class Meta(page_types_usage.PageTypesUsageReportFilterSet.Meta):
        pass

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites = list(listed_for(Site.objects.select_related("root_page"), self.request))
        self.sites = {site.pk: site for site in sites}
        self.sites_filter_enabled = len(sites) > 1
        if self.sites_filter_enabled:
            self.filters["site"].extra["choices"] = [(site.root_page.path, str(site)) for site in sites]
        else:
            self.filters.pop("site", None)


class PageTypesUsageReport(page_types_usage.PageTypesUsageReportView):
    """The number of pages of each type in the current department."""

    filterset_class = UsageFilterSet

    def get_queryset(self) -> QuerySet[ContentType]:
        """Return the page types with `count` and `last_edited_page_id` of the pages that lists show to the user."""
        filters = self.filters.form.cleaned_data if self.filters.is_valid() else {}
        pages = listed_for(Page.objects.filter(depth__gt=1, content_type=OuterRef("pk")), self.request)
        if language_code := filters.get("page_locale"):
            pages = pages.filter(locale__language_code=language_code)
        if root_path := filters.get("site"):
            pages = pages.filter(path__startswith=root_path)
        counts = pages.order_by().values("content_type").annotate(number=Count("pk")).values("number")
        newest = pages.order_by(F("latest_revision_created_at").desc(nulls_last=True), "title", "-pk")
        types = ContentType.objects.filter(model__in=self.page_models).annotate(
            count=Coalesce(Subquery(counts), 0), last_edited_page_id=Subquery(newest.values("pk")[:1])
        )
        if filters.get("page_locale") or filters.get("site"):
            types = types.filter(count__gt=0)
        # Wagtail's own type `Page` is listed only if it is used: the root page has it.
        unused = Q(pk=ContentType.objects.get_for_model(Page).pk, count=0)
        return types.exclude(unused).order_by("-count", "app_label", "model")


def _report_urls(route: str, view: Any, name: str) -> list[Any]:
    """Return the URL patterns of a report and of its results, which a script loads."""
    return [
        path(route, view.as_view(), name=name),
        path(f"{route}results/", view.as_view(results_only=True), name=f"{name}_results"),
    ]


app_name = "department_reports"
urlpatterns = [
    *_report_urls("reports/aging-pages/", AgingPagesReport, "aging_pages"),
    *_report_urls("reports/audit-log/", AuditLogReport, "audit_log"),
    *_report_urls("reports/locked/", LockedPagesReport, "locked_pages"),
    *_report_urls("reports/workflow/", WorkflowReport, "workflow"),
    *_report_urls("reports/workflow_tasks/", WorkflowTasksReport, "workflow_tasks"),
    *_report_urls("reports/site-history/", SiteHistoryReport, "site_history"),
    *_report_urls("reports/page-types-usage/", PageTypesUsageReport, "page_types_usage"),
    *_report_urls("localize/reports/translations/", TranslationsReport, "translations_report"),
]
