"""The actions of the board on selected cells. Each says what it has done, and what it has not done and why."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.log_actions import LogContext
from wagtail.models import Page
from wagtail_localize.models import Translation

from cms.translations import approval
from cms.translations.drafts.draft_permissions import has_services
from cms.translations.drafts.draft_requests import request_draft
from cms.translations.subtrees.submitted_subtrees import request_translations
from sites.access.capabilities import has_capability
from sites.access.current_department import current_department
from sites.models import Department
from sites.roles import Capability

from .accepted_changes import accept_changes
from .action_forms import ActionForm, AssignForm, DeclineForm, RequestForm
from .assignments import AssignmentChange, CellKey, assign
from .cell_selection import SelectedCell
from .cells import board_languages, locales_reviewed_by
from .declines import decline, take_back
from .states import BoardState

# The time of one request. A translation of a thousand texts takes a third of a second, and a selection may have 200 of
# them.
SECONDS_OF_ACTION = 1


@dataclass
class BulkActionResult:
    """The number of cells that an action has changed, and the refused ones by reason.

    `incomplete` are changed cells in which texts are not translated yet.
    """

    done: int = 0
    refused: dict[str, list[SelectedCell]] = field(default_factory=lambda: defaultdict(list))
    incomplete: list[SelectedCell] = field(default_factory=list)


def _request(request: HttpRequest, cells: Sequence[SelectedCell], form: AssignForm) -> BulkActionResult:
    """Request the translations that are missing, in the background, and those that were declined; assign them."""
    outcome = BulkActionResult()
    requested: list[CellKey] = []
    declined: list[CellKey] = []
    for each in cells:
        if each.cell.state == BoardState.DECLINED and each.cell.is_begun:
            declined.append(_key(each))
        elif each.cell.is_begun:
            outcome.refused[_("The translation exists already.")].append(each)
        elif each.cell.is_requested:
            outcome.refused[_("It has been requested already.")].append(each)
        elif not each.original.permissions_for_user(request.user).can_edit():
            outcome.refused[_("You may not edit the original.")].append(each)
        else:
            requested.append(_key(each))
    take_back([*requested, *declined])
    request_translations(requested, request.user)
    assign(_department(request), [*requested, *declined], form.change())
    outcome.done = len(requested) + len(declined)
    return outcome


def _decline(request: HttpRequest, cells: Sequence[SelectedCell], form: DeclineForm) -> BulkActionResult:
    """Decline translations that were requested and are not public. The department may decline others beforehand."""
    outcome = BulkActionResult()
    declined: list[CellKey] = []
    may_manage = _manages(request)
    for each in cells:
        cell = each.cell
        if cell.state == BoardState.DECLINED:
            reason = _("It is declined already.")
        elif cell.is_in_release:
            reason = _("It is part of a release that is being prepared.")
        elif cell.state not in (BoardState.MISSING, BoardState.IN_PROGRESS):
            reason = _("It is public, or waits for approval.")
        elif not (cell.is_begun or cell.is_requested or may_manage):
            reason = _("Nobody has requested it.")
        else:
            declined.append(_key(each))
            continue
        outcome.refused[reason].append(each)
    decline(declined, form.cleaned_data["reason"], request.user)
    outcome.done = len(declined)
    return outcome


def _assign(request: HttpRequest, cells: Sequence[SelectedCell], form: AssignForm) -> BulkActionResult:
    """Store assignees and due dates. A translation that is published and up to date gets no due date."""
    outcome, change, department = BulkActionResult(), form.change(), _department(request)
    dated: list[SelectedCell] = []
    undated: list[SelectedCell] = []
    for each in cells:
        is_finished = each.cell.state == BoardState.PUBLISHED and change.due_on is not None
        (undated if is_finished else dated).append(each)
    assign(department, [_key(each) for each in dated], change)
    assign(department, [_key(each) for each in undated], AssignmentChange(change.assignees))
    for each in undated:
        if each.locale.pk not in change.assignees:
            reason = _("It is published and up to date: there is nothing to do by a date.")
            outcome.refused[reason].append(each)
    outcome.done = len(cells) - sum(map(len, outcome.refused.values()))
    return outcome


def _submit(request: HttpRequest, cells: Sequence[SelectedCell], form: ActionForm) -> BulkActionResult:
    """Submit translations to the reviewers of their language."""

    def submit(translation: Translation, page: Page) -> None:
        approval.submit(translation, request.user)

    return _perform_each(request, cells, submit, [BoardState.PUBLISHED])


def _draft(request: HttpRequest, cells: Sequence[SelectedCell], form: ActionForm) -> BulkActionResult:
    """Have the empty texts of translations drafted by machine, in the background."""

    def draft(translation: Translation, page: Page) -> None:
        request_draft(translation, request.user)

    outcome = _perform_each(request, cells, draft, [BoardState.PUBLISHED])
    outcome.incomplete.clear()  # Texts are missing in all of them: they are to be drafted.
    return outcome


def _keep(request: HttpRequest, cells: Sequence[SelectedCell], form: ActionForm) -> BulkActionResult:
    """Keep the translations of texts that have changed: the changes need no new translation."""

    def keep(translation: Translation, page: Page) -> None:
        if not accept_changes(translation, page, request.user):
            raise ValidationError(_("None of its texts is the translation of a former text."))

    return _perform_each(request, cells, keep, [])


def _publish(request: HttpRequest, cells: Sequence[SelectedCell], form: ActionForm) -> BulkActionResult:
    """Publish translations that need no approval. Those that wait for it are read and approved in the editor."""

    def publish(translation: Translation, page: Page) -> None:
        permissions = page.permissions_for_user(request.user)
        if permissions.page_locked() or not permissions.can_publish():
            raise ValidationError(_("It is locked, or you may not publish it."))
        approval.publish(translation, request.user)

    return _perform_each(request, cells, publish, [BoardState.PUBLISHED, BoardState.MACHINE])


def _perform_each(
    request: HttpRequest,
    cells: Sequence[SelectedCell],
    perform: Callable[[Translation, Page], None],
    finished: Sequence[BoardState],
) -> BulkActionResult:
    """Call `perform` for the translation and the page of each cell that is begun, each with a savepoint of its own.

    Cells in a `finished` state are refused unless their page has changes that are not published. Cells that are left
    after SECONDS_OF_ACTION are refused: the request holds locks until it ends, and the user can select them again.
    """
    outcome = BulkActionResult()
    end = time.monotonic() + SECONDS_OF_ACTION
    keys = [each.cell.progress.pk for each in cells if each.cell.progress is not None]
    translations = Translation.objects.select_related("source", "target_locale").filter(enabled=True).in_bulk(keys)
    pages = Page.objects.in_bulk([each.cell.page_id for each in cells if each.cell.page_id is not None])
    # The rows of pages are locked in this order.
    for each in sorted(cells, key=lambda each: each.cell.page_id or 0):
        progress, page = each.cell.progress, pages.get(each.cell.page_id or 0)
        if page is None:
            reason = _("It is not translated yet.")
        elif each.cell.state == BoardState.AWAITING_REVIEW:
            reason = _("It waits for approval: open it to approve it.")
        elif progress is None or progress.pk not in translations:
            reason = _("Its texts are not written in the editor of translations.")
        elif each.cell.state == BoardState.APPROVED:
            reason = _("It is approved, and waits for its release.")
        elif each.cell.state in finished and not page.has_unpublished_changes:
            reason = _("It is published and up to date.")
        elif time.monotonic() > end:
            reason = _("There was no time left for it: select it again.")
        else:
            with LogContext(user=request.user):  # Each page has the change in its own history.
                reason = _reason_of_refusal(perform, translations[progress.pk], page)
        if reason:
            outcome.refused[reason].append(each)
            continue
        outcome.done += 1
        if progress is not None and progress.translated < progress.segments:
            outcome.incomplete.append(each)
    return outcome


def _reason_of_refusal(perform: Callable[[Translation, Page], None], translation: Translation, page: Page) -> str:
    """Call the function; return why it has done nothing, or ""."""
    try:
        perform(translation, page)
    except Http404:
        return _("It has been deleted meanwhile.")
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def _key(each: SelectedCell) -> CellKey:
    return each.original.pk, each.locale.pk


def _department(request: HttpRequest) -> Department:
    department = current_department(request)
    if department is None:
        raise PermissionDenied
    return department


def _manages(request: HttpRequest) -> bool:
    return has_capability(request.user, Capability.TRANSLATION, _department(request))


def _drafts(request: HttpRequest) -> bool:
    return has_services(_department(request), board_languages(request))


def _publishes(request: HttpRequest) -> bool:
    return locales_reviewed_by(request.user, _department(request)) != set()


@dataclass(frozen=True)
class BoardAction:
    """An action for the users to whom `is_open_to` applies.

    `perform` takes the request, the selected cells and the valid form; `done` says how many it has changed.
    """

    label: str | Promise
    perform: Callable[[HttpRequest, Sequence[SelectedCell], Any], BulkActionResult]
    done: Callable[[int], str]
    is_open_to: Callable[[HttpRequest], bool]
    form_class: type[ActionForm] = ActionForm


def _requested(number: int) -> str:
    text = ngettext("%(number)d translation is requested.", "%(number)d translations are requested.", number)
    return text % {"number": number}


def _assigned(number: int) -> str:
    text = ngettext("%(number)d translation has been assigned.", "%(number)d translations have been assigned.", number)
    return text % {"number": number}


def _declined(number: int) -> str:
    text = ngettext("%(number)d translation is declined.", "%(number)d translations are declined.", number)
    return text % {"number": number}


def _kept(number: int) -> str:
    text = ngettext(
        "%(number)d translation is kept: the changes of its original need no new one.",
        "%(number)d translations are kept: the changes of their originals need no new ones.",
        number,
    )
    return text % {"number": number}


def _drafted(number: int) -> str:
    text = ngettext(
        "%(number)d translation is being drafted by machine.",
        "%(number)d translations are being drafted by machine.",
        number,
    )
    return text % {"number": number}


def _submitted(number: int) -> str:
    text = ngettext(
        "%(number)d translation has been submitted for approval.",
        "%(number)d translations have been submitted for approval.",
        number,
    )
    return text % {"number": number}


def _published(number: int) -> str:
    text = ngettext(
        "%(number)d translation has been published.", "%(number)d translations have been published.", number
    )
    return text % {"number": number}


# The names are part of URLs, the order that of the buttons.
ACTIONS: dict[str, BoardAction] = {
    "request": BoardAction(gettext_lazy("Request translation"), _request, _requested, _manages, RequestForm),
    "assign": BoardAction(gettext_lazy("Assign, set a due date"), _assign, _assigned, _manages, AssignForm),
    "decline": BoardAction(gettext_lazy("Decline"), _decline, _declined, lambda request: True, DeclineForm),
    "keep": BoardAction(gettext_lazy("Changes need no translation"), _keep, _kept, _manages),
    "draft": BoardAction(gettext_lazy("Machine draft"), _draft, _drafted, _drafts),
    "submit": BoardAction(gettext_lazy("Send to reviewers"), _submit, _submitted, lambda request: True),
    "publish": BoardAction(gettext_lazy("Publish"), _publish, _published, _publishes),
}


def actions_for(request: HttpRequest) -> list[tuple[str, BoardAction]]:
    """Return the names and actions that the user may use in the current department."""
    return [(name, action) for name, action in ACTIONS.items() if action.is_open_to(request)]
