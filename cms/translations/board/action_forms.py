"""Forms of the actions of the board."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Locale

from cms.translations.models.requested_translation import MAX_REASON_LENGTH
from sites.models import Department

from .assignments import AssignmentChange, partners_of
from .cell_selection import SelectedCell

NOBODY = "nobody"
PREFIX = "assignee_"


class ActionForm(forms.Form):
    """The form of an action that only has to be confirmed."""

    def __init__(self, *args: Any, department: Department, cells: Sequence[SelectedCell], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class AssignForm(ActionForm):
    """An assignee for each language of the selected cells, and a due date for all of them.

    The form shows a value that all cells of a language have in common. Only values that the user changes are stored.
    """

    requires_change = True

    # The browser's own calendar: Wagtail's covers the buttons of the form until somebody clicks elsewhere.
    due_on = forms.DateField(
        label=gettext_lazy("Due date"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    removes_due_date = forms.BooleanField(label=gettext_lazy("Remove the due date"), required=False)

    def __init__(self, *args: Any, department: Department, cells: Sequence[SelectedCell], **kwargs: Any) -> None:
        super().__init__(*args, department=department, cells=cells, **kwargs)
        locales = {each.locale.pk: each.locale for each in cells}
        partners = partners_of(department, list(locales.values()))
        for locale in sorted(locales.values(), key=lambda locale: locale.language_code):
            present = {each.cell.assignment.assignee for each in cells if each.locale.pk == locale.pk}
            self.fields[f"{PREFIX}{locale.pk}"] = self._assignee_field(locale, partners[locale.pk], present)
        due_dates = {each.cell.assignment.due_on for each in cells}
        self.fields["due_on"].initial = due_dates.pop() if len(due_dates) == 1 else None
        self.fields["due_on"].widget.attrs["min"] = timezone.localdate().isoformat()
        self.order_fields([*(name for name in self.fields if name.startswith(PREFIX)), "due_on", "removes_due_date"])

    def _assignee_field(self, locale: Locale, partners: dict[int, str], present: set[int | None]) -> forms.ChoiceField:
        choices = [(NOBODY, _("nobody")), *((str(pk), name) for pk, name in partners.items())]
        if len(present) > 1:
            choices = [("", _("unchanged")), *choices]
        first = next(iter(present))
        return forms.ChoiceField(
            label=_("%(language)s: assigned to") % {"language": locale.get_display_name()},
            help_text="" if partners else _("Nobody translates or reviews this language: invite somebody first."),
            choices=choices,
            required=False,
            initial="" if len(present) > 1 else NOBODY if first is None else str(first),
        )

    def clean_due_on(self) -> datetime.date | None:
        due_on: datetime.date | None = self.cleaned_data["due_on"]
        if due_on is not None and "due_on" in self.changed_data and due_on < timezone.localdate():
            raise forms.ValidationError(_("This date is over."))
        return due_on

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if values.get("removes_due_date") and values.get("due_on") and "due_on" in self.changed_data:
            self.add_error("removes_due_date", _("Enter a date, or remove it."))
        if self.requires_change and not self.errors and not self.changed_data:
            raise forms.ValidationError(_("Choose a person or a date."))
        return values

    def change(self) -> AssignmentChange:
        """Return what the user has changed."""
        names = [name for name in self.changed_data if name.startswith(PREFIX) and self.cleaned_data[name]]
        chosen = {int(name.removeprefix(PREFIX)): self.cleaned_data[name] for name in names}
        removes = self.cleaned_data["removes_due_date"]
        return AssignmentChange(
            assignees={locale: None if value == NOBODY else int(value) for locale, value in chosen.items()},
            due_on=None if removes else self.cleaned_data["due_on"],
            changes_due_date=removes or "due_on" in self.changed_data,
        )


class DeclineForm(ActionForm):
    """The form that asks for the reason of a decline."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=MAX_REASON_LENGTH,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("It is shown on the board."),
    )


class RequestForm(AssignForm):
    """The form that requests translations, and may assign them at once."""

    requires_change = False
