"""Wagtail's snippet screens, limited by row to snippets that the user may view, change or delete.

Wagtail asks the permission policy about the model only. Every view here looks its object up in the queryset that
`DepartmentPermissionPolicy` returns. Copy views are disabled: a POST to one overwrites the copied snippet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import quote
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.panels import ObjectList, Panel
from wagtail.admin.ui.tables import BaseColumn, BulkActionsCheckboxColumn, Column
from wagtail.admin.widgets import ListingButton
from wagtail.models import Locale, ReferenceIndex
from wagtail.snippets.views import snippets

from sites.access.capabilities import departments_of, departments_with_capability, is_unrestricted
from sites.access.current_department import limit_to_current_department
from sites.access.ownership import ContentObjectLookup, is_shared
from sites.access.permission_policies import instances_with_permission
from sites.access.querysets import viewable_by
from sites.admin.overrides.snippet_list_buttons import WithoutHookButtonsMixin
from sites.models import Department
from sites.roles import Capability

from .choosers import DepartmentChooserViewSet, SharedChooserViewSet
from .forms import DepartmentMediaForm, OwnedSnippetForm


def owner_label(snippet: Any) -> str:
    """Return the name of the department that owns a shared snippet, or that of the instance."""
    return str(snippet.owner) if snippet.owner_id else _("the instance")


OWNER_COLUMN = Column("owner", accessor=owner_label, label=gettext_lazy("Owner"), sort_key="owner__name")


class SnippetIndexView(WithoutHookButtonsMixin, snippets.IndexView):
    """A list with links to edit and delete the snippets for which this is allowed; one query for the whole page."""

    changeable_keys: set[object] = set()
    translatable_keys: set[object] = set()

    def get_table(self, object_list: Any, **kwargs: Any) -> Any:
        rows = instances_with_permission(self.model, self.request.user, "change")
        self.changeable_keys = set(rows.filter(pk__in=[row.pk for row in object_list]).values_list("pk", flat=True))
        if is_shared(self.model):
            self.translatable_keys = keys_to_translate(object_list, self.request.user) & self.changeable_keys
        return super().get_table(object_list, **kwargs)

    def get_edit_url(self, instance: Model) -> str | None:
        return super().get_edit_url(instance) if instance.pk in self.changeable_keys else None

    def get_delete_url(self, instance: Model) -> str | None:
        return super().get_delete_url(instance) if instance.pk in self.changeable_keys else None

    def get_list_buttons(self, instance: Model) -> list[Any]:
        return super().get_list_buttons(instance) if instance.pk in self.changeable_keys else []

    def get_list_more_buttons(self, instance: Any) -> list[Any]:
        buttons: list[Any] = super().get_list_more_buttons(instance)
        if instance.pk in self.translatable_keys:
            options = instance._meta
            url = reverse(
                "wagtail_localize:submit_snippet_translation",
                args=[options.app_label, options.model_name, quote(instance.pk)],
            )
            label = _("Translate “%(title)s”") % {"title": instance}
            buttons.append(
                ListingButton(_("Translate"), url, icon_name="wagtail-localize-language", attrs={"aria-label": label})
            )
        return buttons

    @cached_property
    def columns(self) -> list[BaseColumn]:
        columns: list[BaseColumn] = super().columns
        if is_unrestricted(self.request.user):
            return columns
        # The list also shows snippets of other departments; each row offers to delete it if this is allowed.
        return [column for column in columns if not isinstance(column, BulkActionsCheckboxColumn)]


class EditView(snippets.EditView):
    """The form of a snippet that the user may change."""

    def get_queryset(self) -> QuerySet:
        return instances_with_permission(self.model, self.request.user, "change")


class DeleteView(snippets.DeleteView):
    """The confirmation to delete a snippet that the user may delete."""

    def get_queryset(self) -> QuerySet:
        return instances_with_permission(self.model, self.request.user, "delete")


class SnippetHistoryView(snippets.HistoryView):
    """The log of a snippet that the user may change."""

    def get_base_object_queryset(self) -> QuerySet:
        return instances_with_permission(self.model, self.request.user, "change")


class UsageView(snippets.UsageView):
    """The objects that refer to the snippet: those that the user may view by name, the others as a number."""

    template_name = "cms_sites/snippet_usage.html"

    def get_base_object_queryset(self) -> QuerySet:
        return instances_with_permission(self.model, self.request.user, "change")

    def get_queryset(self) -> Any:
        references: Any = viewable_by(ReferenceIndex.get_references_to(self.object), self.request.user)
        return references.group_by_source_object()

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        elsewhere = 0 if is_unrestricted(user) else count_uses_outside(self.object, departments_of(user))
        return super().get_context_data(*args, **kwargs) | {"used_elsewhere": elsewhere}


class DepartmentSnippetViewSet(snippets.SnippetViewSet):
    """Screens of a snippet that belongs to one department; its model has a `DepartmentPermissionPolicy`."""

    base_form_class = DepartmentMediaForm
    copy_view_enabled = False
    index_view_class = SnippetIndexView
    edit_view_class = EditView
    delete_view_class = DeleteView
    history_view_class = SnippetHistoryView
    usage_view_class = UsageView
    chooser_viewset_class = DepartmentChooserViewSet
    # Related objects that the columns of the list show.
    list_select_related: tuple[str, ...] = ("collection",)

    def get_edit_handler(self) -> Panel:
        """Return the panels of the viewset, else of the model, with `base_form_class` as the base of their form."""
        panels = getattr(self, "panels", None) or self.model.panels
        return ObjectList(panels, base_form_class=self.base_form_class).bind_to_model(self.model)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = limit_to_current_department(instances_with_permission(self.model, request.user, "view"), request.user)
        return rows.select_related(*self.list_select_related)


class SharedSnippetViewSet(DepartmentSnippetViewSet):
    """Screens of a snippet that all departments use and that a department or the instance owns.

    Its model derives from `OwnedByDepartment`.
    """

    base_form_class = OwnedSnippetForm
    chooser_viewset_class = SharedChooserViewSet
    list_select_related: tuple[str, ...] = ("owner", "locale")


def keys_to_translate(snippets_shown: Iterable[Any], user: Any) -> set[object]:
    """Return the keys of shared snippets that the user may send to a locale in which they do not exist yet.

    Snippets of the instance can be sent to every locale, those of a department to its own locales. Two queries
    whatever the number of snippets.
    """
    shown = list(snippets_shown)
    model = type(shown[0]) if shown else None
    if model is None:
        return set()
    existing_locales: defaultdict[object, set[int]] = defaultdict(set)
    versions = model._default_manager.filter(translation_key__in={snippet.translation_key for snippet in shown})
    for key, locale_id in versions.values_list("translation_key", "locale_id"):
        existing_locales[key].add(locale_id)
    target_locales: defaultdict[int | None, set[int]] = defaultdict(set)
    for locale_id, department_id in Locale.objects.values_list("pk", "department_locales__department"):
        target_locales[None].add(locale_id)
        target_locales[department_id].add(locale_id)
    managed_departments = {department.pk for department in departments_with_capability(user, Capability.TRANSLATION)}
    return {
        snippet.pk
        for snippet in shown
        if (is_unrestricted(user) or snippet.owner_id in managed_departments)
        and target_locales[snippet.owner_id] - existing_locales[snippet.translation_key]
    }


def count_uses_outside(snippet: Model, departments: Sequence[Department]) -> int:
    """Return the number of objects that refer to the snippet and belong to none of these departments."""
    references = ReferenceIndex.get_references_to(snippet)
    inside = references.filter(ContentObjectLookup("base_content_type").condition(ReferenceIndex, departments))
    return int(references.group_by_source_object().count() - inside.group_by_source_object().count())


def refuse_deleting_used_snippets(request: HttpRequest, instances: Sequence[Model]) -> HttpResponse | None:
    """Return a redirect with an error message if content of other departments uses one of the snippets, else None.

    The hook `before_delete_snippet`. Wagtail calls it before the confirmation and before the deletion, of one snippet
    or of several. Superusers may delete every snippet.
    """
    if is_unrestricted(request.user):
        return None
    for instance in instances:
        owner = getattr(instance, "owner", None)
        count = count_uses_outside(instance, [owner]) if owner is not None else 0
        if count:
            messages.error(
                request,
                ngettext(
                    "“%(object)s” was not deleted: content of other departments uses it (%(count)d).",
                    "“%(object)s” was not deleted: contents of other departments use it (%(count)d).",
                    count,
                )
                % {"object": capfirst(str(instance)), "count": count},
            )
            return redirect(type(instance).snippet_viewset.get_url_name("list"))  # type: ignore[attr-defined]
    return None
