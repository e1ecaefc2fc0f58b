"""Wagtail's snippet screens, scoped by row: each shows what the user may see and changes what is the user's own.

Wagtail asks its permission policy about the model only, so every view here looks its object up among the rows that
`DepartmentPermissionPolicy` gives. Copy views stay out: a POST to one overwrites the row that it copies.
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
    """Return the name of the owner of a shared snippet; the instance's own have none."""
    return str(snippet.owner) if snippet.owner_id else _("the instance")


OWNER_COLUMN = Column("owner", accessor=owner_label, label=gettext_lazy("Owner"), sort_key="owner__name")


class IndexView(WithoutHookButtonsMixin, snippets.IndexView):
    """List with links to edit and delete where the user may, of one query for the whole page."""

    changeable: set[object] = set()
    translatable: set[object] = set()

    def get_table(self, object_list: Any, **kwargs: Any) -> Any:
        rows = instances_with_permission(self.model, self.request.user, "change")
        self.changeable = set(rows.filter(pk__in=[row.pk for row in object_list]).values_list("pk", flat=True))
        if is_shared(self.model):
            self.translatable = translatable(object_list, self.request.user) & self.changeable
        return super().get_table(object_list, **kwargs)

    def get_edit_url(self, instance: Model) -> str | None:
        return super().get_edit_url(instance) if instance.pk in self.changeable else None

    def get_delete_url(self, instance: Model) -> str | None:
        return super().get_delete_url(instance) if instance.pk in self.changeable else None

    def get_list_buttons(self, instance: Model) -> list[Any]:
        return super().get_list_buttons(instance) if instance.pk in self.changeable else []

    def get_list_more_buttons(self, instance: Any) -> list[Any]:
        buttons: list[Any] = super().get_list_more_buttons(instance)
        if instance.pk in self.translatable:
            options = instance._meta
            address = reverse(
                "wagtail_localize:submit_snippet_translation",
                args=[options.app_label, options.model_name, quote(instance.pk)],
            )
            label = _("Translate “%(title)s”") % {"title": instance}
            buttons.append(
                ListingButton(
                    _("Translate"), address, icon_name="wagtail-localize-language", attrs={"aria-label": label}
                )
            )
        return buttons

    @cached_property
    def columns(self) -> list[BaseColumn]:
        columns: list[BaseColumn] = super().columns
        if is_unrestricted(self.request.user):
            return columns
        # The list shows rows of others as well: deleting is offered at each row that it is allowed for.
        return [column for column in columns if not isinstance(column, BulkActionsCheckboxColumn)]


class EditView(snippets.EditView):
    def get_queryset(self) -> QuerySet:
        return instances_with_permission(self.model, self.request.user, "change")


class DeleteView(snippets.DeleteView):
    def get_queryset(self) -> QuerySet:
        return instances_with_permission(self.model, self.request.user, "delete")


class HistoryView(snippets.HistoryView):
    def get_base_object_queryset(self) -> QuerySet:
        return instances_with_permission(self.model, self.request.user, "change")


class UsageView(snippets.UsageView):
    """Names the user's own contents that use the snippet, and only counts the others."""

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
    """Screens of a snippet that belongs to one department (its model has a `DepartmentPermissionPolicy`)."""

    base_form_class = DepartmentMediaForm
    copy_view_enabled = False
    index_view_class = IndexView
    edit_view_class = EditView
    delete_view_class = DeleteView
    history_view_class = HistoryView
    usage_view_class = UsageView
    chooser_viewset_class = DepartmentChooserViewSet
    # What the columns of the list show of other rows.
    list_select_related: tuple[str, ...] = ("collection",)

    def get_edit_handler(self) -> Panel:
        """Return the panels of the viewset, else of the model, with `base_form_class` as the base of their form."""
        panels = getattr(self, "panels", None) or self.model.panels
        return ObjectList(panels, base_form_class=self.base_form_class).bind_to_model(self.model)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = limit_to_current_department(instances_with_permission(self.model, request.user, "view"), request.user)
        return rows.select_related(*self.list_select_related)


class SharedSnippetViewSet(DepartmentSnippetViewSet):
    """Screens of a snippet that all departments use and one of them, or the instance, owns (`OwnedByDepartment`)."""

    base_form_class = OwnedSnippetForm
    chooser_viewset_class = SharedChooserViewSet
    list_select_related: tuple[str, ...] = ("owner", "locale")


def translatable(snippets_shown: Iterable[Any], user: Any) -> set[object]:
    """Return the keys of shared snippets that the user may send to a language which they are not in yet; two queries.

    Those of the instance go to every language, those of a department to its own.
    """
    shown = list(snippets_shown)
    model = type(shown[0]) if shown else None
    if model is None:
        return set()
    present: defaultdict[object, set[int]] = defaultdict(set)
    versions = model._default_manager.filter(translation_key__in={each.translation_key for each in shown})
    for key, locale_id in versions.values_list("translation_key", "locale_id"):
        present[key].add(locale_id)
    wanted: defaultdict[int | None, set[int]] = defaultdict(set)
    for locale_id, department_id in Locale.objects.values_list("pk", "department_locales__department"):
        wanted[None].add(locale_id)
        wanted[department_id].add(locale_id)
    responsible = {department.pk for department in departments_with_capability(user, Capability.TRANSLATION)}
    return {
        each.pk
        for each in shown
        if (is_unrestricted(user) or each.owner_id in responsible)
        and wanted[each.owner_id] - present[each.translation_key]
    }


def count_uses_outside(snippet: Model, departments: Sequence[Department]) -> int:
    """Return how many objects that belong to none of these departments refer to the snippet."""
    references = ReferenceIndex.get_references_to(snippet)
    inside = references.filter(ContentObjectLookup("base_content_type").condition(ReferenceIndex, departments))
    return int(references.group_by_source_object().count() - inside.group_by_source_object().count())


def refuse_deleting_used_snippets(request: HttpRequest, instances: Sequence[Model]) -> HttpResponse | None:
    """Answer a deletion with a message when other departments' content shows one of the snippets.

    The hook `before_delete_snippet`: alone or in bulk, asked or confirmed.
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
