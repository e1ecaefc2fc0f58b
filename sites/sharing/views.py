"""Screens of sharing: received sharings, given sharings, one sharing with its transitions, and a proposal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, Q, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.views.generic.base import BaseListingView, WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import HeaderButton
from wagtail.log_actions import registry
from wagtail.models import Page

from sites.access.capabilities import departments_with_capability, is_unrestricted
from sites.access.current_department import current_department
from sites.access.ownership import department_of_page
from sites.access.querysets import get_viewable_or_404
from sites.models import Department, Sharing
from sites.roles import Capability

from . import transitions
from .forms import ContactForm, ProposalForm
from .shared_content import SharedContent, page_of_sharing, shared_contents

ICON = "share"
PAGE_SIZE = 30
BREADCRUMBS = [
    {"url": reverse_lazy("wagtailadmin_home"), "label": gettext_lazy("Home")},
    {"url": reverse_lazy("sharing:index"), "label": gettext_lazy("Sharing")},
]
Transition = Callable[[], Sharing]


@dataclass(frozen=True)
class SharingLink:
    """A link that a package above adds to the screen of a sharing (hook `register_sharing_links`)."""

    label: str
    url: str
    is_primary: bool = False


def sharing_departments(user: Any) -> list[Department]:
    """Return the departments in which the user has the capability SHARING."""
    return (
        list(Department.objects.all())
        if is_unrestricted(user)
        else departments_with_capability(user, Capability.SHARING)
    )


def sharing_or_404(user: Any, pk: int) -> Sharing:
    """Return the sharing if the user may act for its owner or its receiving department; raise Http404."""
    departments = sharing_departments(user)
    sharings = Sharing.objects.filter(Q(owner__in=departments) | Q(department__in=departments))
    return get_viewable_or_404(sharings.select_related("owner__site", "department__site"), user, pk=pk)


def visible_title(content: SharedContent | None, sharing: Sharing, *, is_owner: bool) -> str:
    """Return the title of a shared content; the receiving department sees the published one, while it is shared."""
    if content is None:
        return _("Deleted content")
    if is_owner or content.is_shown_to_receiver(sharing):
        return content.title
    return _("Content that is private now") if content.is_private else _("Content that is not public now")


class SharingListView(BaseListingView):
    """A list of the sharings that the user's departments give or receive (`side`); a fixed number of queries."""

    side = ""
    paginate_by = PAGE_SIZE
    header_icon = ICON
    results_only = False
    other_list: tuple[str, Any] = ("", "")

    def get_base_queryset(self) -> QuerySet[Sharing]:
        waiting_first = Case(When(state=Sharing.State.PROPOSED, then=Value(0)), default=Value(1))
        departments = sharing_departments(self.request.user)
        if (department := current_department(self.request)) is not None:
            departments = [department] if department in departments else []
        rows = Sharing.objects.filter(**{f"{self.side}__in": departments})
        return rows.select_related("owner", "department").order_by(waiting_first, "-changed_at", "-pk")

    def paginate_queryset(self, queryset: QuerySet[Sharing], page_size: int) -> tuple[Any, ...]:
        paginator, page, rows, is_paginated = super().paginate_queryset(queryset, page_size)
        sharings = list(rows)
        contents = shared_contents(sharings)
        for row in sharings:
            row.title = visible_title(contents.get(row.content_key), row, is_owner=self.side == "owner")
        return paginator, page, sharings, is_paginated

    @cached_property
    def columns(self) -> list[Column]:
        return [
            TitleColumn("title", label=_("Content"), url_name="sharing:detail"),
            *self.department_columns(),
            Column("kind", label=_("How"), accessor=sharing_kind_label),
            StatusTagColumn(
                "state",
                label=_("State"),
                accessor="get_state_display",
                primary=lambda row: row.state in (Sharing.State.PROPOSED, Sharing.State.ACCEPTED),
            ),
            DateColumn("changed_at", label=_("Last change")),
        ]

    def department_columns(self) -> list[Column]:
        """Return the columns of the two departments."""
        raise NotImplementedError

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        name, label = self.other_list
        return [HeaderButton(label, url=reverse(name), icon_name="arrow-right")]

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*BREADCRUMBS[:1], {"url": "", "label": self.get_page_title()}]


class ReceivedSharingsView(SharingListView):
    """Invitations and offers of other departments, with the answers."""

    side = "department"
    page_title = gettext_lazy("Shared with us")
    index_url_name = "sharing:index"
    other_list = ("sharing:given", gettext_lazy("What we share"))

    @property
    def no_results_message(self) -> str:
        return _("No other department shares anything with us yet.")

    def department_columns(self) -> list[Column]:
        return [
            Column("owner", label=_("Owner"), accessor="owner.name"),
            Column("department", label=_("For"), accessor="department.name"),
        ]


class GivenSharingsView(SharingListView):
    """Invitations and offers to other departments, with their answers."""

    side = "owner"
    page_title = gettext_lazy("What we share")
    index_url_name = "sharing:given"
    other_list = ("sharing:index", gettext_lazy("Shared with us"))

    @property
    def no_results_message(self) -> str:
        return _("We share nothing yet. Open a page and choose “Share” to begin.")

    def department_columns(self) -> list[Column]:
        return [
            Column("department", label=_("With"), accessor="department.name"),
            Column("owner", label=_("Owner"), accessor="owner.name"),
        ]


def sharing_kind_label(sharing: Sharing) -> str:
    """Return how a content is shared, as a text."""
    return sharing.get_taken_as_display() if sharing.taken_as else sharing.get_kind_display()


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class SharingDetailView(WagtailAdminTemplateMixin, TemplateView):
    """One sharing: its content, its history, and the transitions that the user's departments may make."""

    template_name = "cms_sites/sharing/detail.html"
    header_icon = ICON

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.sharing = sharing_or_404(request.user, kwargs["pk"])
        departments = sharing_departments(request.user)
        self.is_owner = self.sharing.owner in departments
        self.is_receiver = self.sharing.department in departments
        self.content = shared_contents([self.sharing]).get(self.sharing.content_key)
        self.contact_form: ContactForm | None = None

    def get_page_title(self) -> str:
        return visible_title(self.content, self.sharing, is_owner=self.is_owner)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*BREADCRUMBS, {"url": "", "label": self.get_page_title()}]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        action = request.POST.get("action", "")
        if action in ("accept", "contact"):
            self.contact_form = ContactForm(request.POST, instance=sharing_or_404(request.user, self.sharing.pk))
            if not self.contact_form.is_valid():
                return self.render_to_response(self.get_context_data())
        transition = self._transitions().get(action)
        if transition is None:
            raise Http404
        try:
            transition()
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, self._success_message(action))
        return redirect("sharing:detail", self.sharing.pk)

    def _transitions(self) -> dict[str, Transition]:
        """Return the transitions that the user's departments may make, by the name of their button."""
        sharing, user = self.sharing, self.request.user
        contact = self.contact_form.cleaned_data if self.contact_form and self.contact_form.is_valid() else {}
        available: dict[str, Transition] = {}
        if self.is_owner and sharing.state != Sharing.State.WITHDRAWN:
            available["withdraw"] = lambda: transitions.withdraw(sharing, user)
        if self.is_receiver and self._can_be_taken():
            if sharing.kind == Sharing.Kind.CO_HOLDING:
                available["accept"] = lambda: transitions.accept(sharing, "", contact, user)
            else:
                available["mirror"] = lambda: transitions.accept(sharing, Sharing.Taken.MIRROR, None, user)
        if self.is_receiver and sharing.state == Sharing.State.PROPOSED:
            available["decline"] = lambda: transitions.decline(sharing, user)
        if self.is_receiver and sharing.state == Sharing.State.ACCEPTED:
            available["give_up"] = lambda: transitions.give_up(sharing, user)
            if sharing.kind == Sharing.Kind.CO_HOLDING:
                available["contact"] = lambda: transitions.change_contact(sharing, contact, user)
        return available

    def _can_be_taken(self) -> bool:
        is_viewable = self.content is not None and not self.content.is_private
        return is_viewable and self.sharing.state in transitions.ANSWERABLE_STATES

    def _success_message(self, action: str) -> str:
        return {
            "accept": _("Accepted: it appears on your site as soon as its owner has published it."),
            "mirror": _("Taken as a live mirror: it follows every change of its owner."),
            "decline": _("Declined."),
            "give_up": _("It is off your site again."),
            "withdraw": _("Withdrawn: it is off the other department’s site."),
            "contact": _("The contact on your site was changed."),
        }[action]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sharing = self.sharing
        may_read, history = self._may_read_content(), self._history()
        return super().get_context_data(**kwargs) | {
            "sharing": sharing,
            "content": self.content if may_read else None,
            "how": sharing_kind_label(sharing),
            "is_owner": self.is_owner,
            "is_receiver": self.is_receiver,
            # Names only: a template would call the functions.
            "available": dict.fromkeys(self._transitions(), True),
            "public_url": self._public_url(),
            "contact_form": self.contact_form or ContactForm(instance=sharing),
            "links": [
                link
                for make in hooks.get_hooks("register_sharing_links")
                for link in make(self.request, sharing, is_receiver=self.is_receiver)
            ],
            "history": history,
            "elided_page_range": history.paginator.get_elided_page_range(history.number),
        }

    def _may_read_content(self) -> bool:
        return self.content is not None and (self.is_owner or self.content.is_shown_to_receiver(self.sharing))

    def _public_url(self) -> str:
        if (
            self.content is None
            or self.content.is_private
            or not self.content.is_public
            or not self._may_read_content()
        ):
            return ""
        page = page_of_sharing(self.sharing)
        return (page.specific.full_url or "") if page else ""

    def _history(self) -> Any:
        """Return a page of the transitions made, newest first; `p` in the query is its number.

        Only members of a department see the names of its users.
        """
        entries = registry.get_logs_for_instance(self.sharing).select_related("user").order_by("-timestamp", "-pk")
        page = WagtailPaginator(entries, PAGE_SIZE).get_page(self.request.GET.get("p"))
        own_departments = {department.name for department in sharing_departments(self.request.user)}
        page.object_list = [
            {
                "message": entry.message,
                "by": entry.data.get("by", ""),
                "person": entry.user_display_name if entry.user_id and entry.data.get("by") in own_departments else "",
                "at": entry.timestamp,
            }
            for entry in page.object_list
        ]
        return page


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class ProposeSharingView(WagtailAdminTemplateMixin, TemplateView):
    """The form that proposes a page, in all its languages, to other departments."""

    template_name = "cms_sites/sharing/propose.html"
    header_icon = ICON
    page_title = gettext_lazy("Share")

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.page = get_viewable_or_404(Page.objects.all(), request.user, pk=kwargs["page_id"])
        owner = department_of_page(self.page)
        if owner is None or owner not in sharing_departments(request.user) or not transitions.is_shareable(self.page):
            raise Http404
        self.owner: Department = owner
        self.form = ProposalForm(request.POST or None, page=self.page, owner=owner)

    def get_page_subtitle(self) -> str:
        return str(self.page.get_admin_display_title())

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        edit = reverse("wagtailadmin_pages:edit", args=[self.page.pk])
        return [
            *BREADCRUMBS,
            {"url": edit, "label": self.get_page_subtitle()},
            {"url": "", "label": self.get_page_title()},
        ]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.form.is_valid():
            return self.render_to_response(self.get_context_data())
        departments = list(self.form.cleaned_data["departments"])
        try:
            transitions.propose_to_all(self.page, departments, self.form.cleaned_data["kind"], request.user)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
            return self.render_to_response(self.get_context_data())
        message = ngettext(
            "Proposed to %(count)d department. It appears there when they accept.",
            "Proposed to %(count)d departments. It appears there when they accept.",
            len(departments),
        )
        messages.success(request, message % {"count": len(departments)})
        return redirect("sharing:given")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sharings = Sharing.objects.filter(content_key=self.page.translation_key, owner=self.owner)
        sharings = sharings.select_related("owner", "department")
        return super().get_context_data(**kwargs) | {
            "form": self.form,
            "page": self.page,
            "shared": [(sharing, sharing_kind_label(sharing)) for sharing in sharings],
        }
