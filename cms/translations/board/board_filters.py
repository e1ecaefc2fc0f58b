"""The filters of the board: type of content, language, state, assignee and due date."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from wagtail.admin.filters import WagtailFilterSet
from wagtail.models import Page

from cms.content_types.registry import document_types
from sites.access.current_department import current_department

from .assignments import SOON_DAYS, Assignment, load_assignments, partners_of
from .cells import board_languages, state_of
from .declines import load_declines
from .states import BoardState, load_entries

ME, NOBODY = "me", "nobody"
OVERDUE, SOON, DATED = "overdue", "soon", "dated"


def type_choices() -> list[tuple[str, Any]]:
    """Return the names and labels of the content types, without the home page, which exists in every language."""
    return [(each.name, each.label) for each in document_types() if each.name != "home"]


class BoardFilterSet(WagtailFilterSet):
    """Filters the contents that have a cell to which all chosen values apply.

    Without a state, a cell must have something to do: a published translation that is up to date is left out, and a
    declined one.
    """

    content_type = ChoiceFilter(label=_("Type"), method="filter_type", choices=lambda: type_choices())
    language = ChoiceFilter(label=_("Language"), choices=[])
    state = ChoiceFilter(label=_("State"), choices=BoardState.choices)
    assignee = ChoiceFilter(label=_("Assigned to"), choices=[])
    due = ChoiceFilter(
        label=_("Due date"),
        choices=[(OVERDUE, _("overdue")), (SOON, _("overdue or within 7 days")), (DATED, _("with a due date"))],
    )

    class Meta:
        model = Page
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Wagtail's own filter is about the language of the page, which is that of the originals for all rows.
        self.filters.pop("locale", None)
        self.languages = board_languages(self.request)
        choices = [(locale.language_code, locale.get_display_name()) for locale in self.languages]
        self.filters["language"].extra["choices"] = choices
        self.department = current_department(self.request)
        people: dict[int, str] = {}
        for partners in partners_of(self.department, self.languages).values() if self.department else ():
            people |= partners
        names = sorted(people.items(), key=lambda person: person[1])
        self.filters["assignee"].extra["choices"] = [
            (ME, _("me")), (NOBODY, _("nobody")), *((str(pk), name) for pk, name in names)
        ]  # fmt: skip

    def filter_type(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        app_label, model = next(each.model for each in document_types() if each.name == value).lower().split(".")
        return queryset.filter(content_type__app_label=app_label, content_type__model=model)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        values = dict(self.form.cleaned_data)
        if kind := values.pop("content_type"):
            queryset = self.filter_type(queryset, "content_type", kind)
        if not any(values.values()):
            return queryset
        if self.department is None:
            return queryset.none()
        locales = [locale for locale in self.languages if values["language"] in ("", None, locale.language_code)]
        entries = load_entries(self.department, locales)
        assignments = load_assignments(self.department, locales)
        declines = load_declines(self.department, locales)
        is_wanted = self._condition(values)
        found = [
            pk
            for pk, key in queryset.values_list("pk", "translation_key")
            if any(
                is_wanted(
                    state_of(entries.get((key, locale.pk)), declines.get((key, locale.pk))),
                    assignments.get((pk, locale.pk), Assignment()),
                )
                for locale in locales
            )
        ]
        return queryset.filter(pk__in=found)

    def _condition(self, values: dict[str, Any]) -> Callable[[BoardState, Assignment], bool]:
        """Return the function that says whether the chosen state, assignee and due date apply to a cell."""
        state, due = values["state"], values["due"]
        assignees = {ME: self.request.user.pk, NOBODY: None}
        person = values["assignee"]
        latest = timezone.localdate() + datetime.timedelta(days=SOON_DAYS)

        def applies(present: BoardState, assignment: Assignment) -> bool:
            if present != state if state else present in (BoardState.PUBLISHED, BoardState.DECLINED):
                return False
            if person and assignment.assignee != (assignees[person] if person in assignees else int(person)):
                return False
            if not due:
                return True
            if assignment.due_on is None:
                return False
            return due == DATED or (assignment.is_overdue if due == OVERDUE else assignment.due_on <= latest)

        return applies
