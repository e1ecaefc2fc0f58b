"""The actions of the board on selected cells. Each says what it has done, and what it has not done and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sites.access.current_department import current_department

from .action_forms import ActionForm, AssignForm
from .assignments import AssignmentChange, assign
from .cell_selection import SelectedCell
from .states import BoardState


@dataclass
class Outcome:
    """The number of cells that an action has changed, and the others by the reason."""

    done: int = 0
    refused: dict[str, list[SelectedCell]] = field(default_factory=lambda: defaultdict(list))

    def refuse(self, reason: str, cell: SelectedCell) -> None:
        self.refused[reason].append(cell)


@dataclass(frozen=True)
class BoardAction:
    """An action. Those with `is_management` are for users who have the capability TRANSLATION in the department.

    `perform` takes the request, the selected cells and the valid form; `done` says how many it has changed.
    """

    label: str | Promise
    perform: Callable[[HttpRequest, Sequence[SelectedCell], Any], Outcome]
    done: Callable[[int], str]
    form_class: type[ActionForm] = ActionForm
    is_management: bool = False


def _assign(request: HttpRequest, cells: Sequence[SelectedCell], form: AssignForm) -> Outcome:
    """Store assignees and due dates. A translation that is published and up to date gets no due date."""
    department = current_department(request)
    outcome, change = Outcome(), form.change()
    dated: list[SelectedCell] = []
    undated: list[SelectedCell] = []
    for each in cells:
        is_done = each.cell.state == BoardState.PUBLISHED and change.due_on is not None
        (undated if is_done else dated).append(each)
    if department is not None:
        assign(department, [_key(each) for each in dated], change)
        assign(department, [_key(each) for each in undated], AssignmentChange(change.assignees))
    for each in undated:
        if each.locale.pk not in change.assignees:
            outcome.refuse(_("It is published and up to date: there is nothing to do by a date."), each)
    outcome.done = len(cells) - sum(map(len, outcome.refused.values()))
    return outcome


def _key(each: SelectedCell) -> tuple[int, int]:
    return each.original.pk, each.locale.pk


ACTIONS: dict[str, BoardAction] = {
    "assign": BoardAction(
        gettext_lazy("Assign, set a due date"),
        _assign,
        lambda number: (
            ngettext("%(number)d translation has been assigned.", "%(number)d translations have been assigned.", number)
            % {"number": number}
        ),
        AssignForm,
        is_management=True,
    ),
}
