"""Screens in which an administrator manages the members and invitations of a department."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, View
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.utils import get_user_display_name
from wagtail.admin.views.generic import IndexView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import HeaderButton

from sites.access.capabilities import departments_with_capability, is_unrestricted
from sites.models import Department, Invitation
from sites.roles import Capability

from . import membership
from .forms import InviteForm, RemoveForm, RolesForm

User = get_user_model()

ICON = "group"
# The list shows at most this number of pending invitations and says if there are more.
MAX_PENDING_INVITATIONS = 100


def managed_departments(user: Any) -> QuerySet[Department]:
    """Return the departments in which the user has the capability ACCOUNTS."""
    if is_unrestricted(user):
        return Department.objects.all()
    return Department.objects.filter(
        pk__in=[department.pk for department in departments_with_capability(user, Capability.ACCOUNTS)]
    )


class TeamMixin:
    """Looks up the department, the member and the invitation of the URL; Http404 if the user does not manage them."""

    page_title = gettext_lazy("Team")
    header_icon = ICON
    request: HttpRequest
    kwargs: dict[str, Any]

    @cached_property
    def department(self) -> Department:
        return get_object_or_404(managed_departments(self.request.user), slug=self.kwargs["department"])

    @cached_property
    def member(self) -> Any:
        return get_object_or_404(membership.members_of(self.department), pk=self.kwargs["user_id"])

    @cached_property
    def invitation(self) -> Invitation:
        pending = self.department.invitations.pending()
        return get_object_or_404(pending, pk=self.kwargs["invitation_id"])

    def url_of(self, name: str, *arguments: object) -> str:
        """Return the URL of a screen of the same department."""
        return reverse(f"team:{name}", args=[self.department.slug, *arguments])

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        items = [
            *WagtailAdminTemplateMixin.breadcrumbs_items,
            {"url": self.url_of("members"), "label": _("Team"), "sublabel": self.department.name},
        ]
        return [*items, {"url": "", "label": self.page_title}] if self.page_title != TeamMixin.page_title else items


class DepartmentIndexView(IndexView):
    """The departments that the user manages; redirects to the members if there is one only."""

    model = Department
    page_title = gettext_lazy("Team")
    header_icon = ICON
    any_permission_required = None
    default_ordering = "code"
    paginate_by = 50
    columns = [
        TitleColumn(
            "name", label=gettext_lazy("Department"), get_url=lambda row: reverse("team:members", args=[row.slug])
        ),
        Column("code", label=gettext_lazy("Code")),
        Column("people", label=gettext_lazy("People")),
    ]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        managed = managed_departments(request.user)
        if len(slugs := list(managed.values_list("slug", flat=True)[:2])) == 1:
            return HttpResponseRedirect(reverse("team:members", args=slugs))
        return super().get(request, *args, **kwargs)

    def get_index_url(self) -> str:
        return reverse("team:index")

    def get_base_queryset(self) -> QuerySet[Department]:
        people = Count(
            "department_groups__group__user",
            filter=Q(department_groups__group__user__is_superuser=False),
            distinct=True,
        )
        return managed_departments(self.request.user).annotate(people=people)


class RolesColumn(Column):
    """The names of the roles of a member."""

    def get_value(self, instance: Any) -> str:
        return ", ".join(membership.role_titles(instance.groups_in_department))


class MemberListView(TeamMixin, IndexView):
    """The members and the pending invitations of a department."""

    model = User
    template_name = "cms_sites/team/members.html"
    results_template_name = "cms_sites/team/members_results.html"
    any_permission_required = None
    search_fields = ("username", "first_name", "last_name", "email")
    default_ordering = "name"
    paginate_by = 50

    @cached_property
    def columns(self) -> list[Column]:
        return [
            TitleColumn(
                "name",
                label=_("Name"),
                accessor=get_user_display_name,
                sort_key="name",
                get_url=lambda user: self.url_of("edit", user.pk),
            ),
            Column("email", label=_("E-mail address"), sort_key="email"),
            RolesColumn("roles", label=_("Roles"), width="30%"),
            StatusTagColumn(
                "is_active",
                label=_("Account"),
                accessor=lambda user: _("active") if user.is_active else _("closed"),
                primary=lambda user: user.is_active,
            ),
            DateColumn("last_login", label=_("Last login"), sort_key="last_login"),
        ]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.page_subtitle = self.department.name

    def get_index_url(self) -> str:
        return self.url_of("members")

    def get_index_results_url(self) -> str:
        return self.url_of("members_results")

    def get_base_queryset(self) -> QuerySet[Any]:
        return membership.members_of(self.department)

    def order_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.ordering in ("name", "-name"):
            sign = self.ordering.removesuffix("name")
            return queryset.order_by(*(f"{sign}{field}" for field in ("last_name", "first_name", "username")))
        return super().order_queryset(queryset)

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        return [HeaderButton(_("Invite somebody"), url=self.url_of("invite"), icon_name="plus")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        pending = self.department.invitations.pending()
        shown = pending.select_related("invited_by").prefetch_related("groups__department_group__locale")
        rows = [
            {"invitation": invitation, "roles": ", ".join(membership.role_titles(invitation.groups.all()))}
            for invitation in shown[:MAX_PENDING_INVITATIONS]
        ]
        return super().get_context_data(**kwargs) | {
            "department": self.department,
            "pending": rows,
            "pending_count": pending.count(),
        }


class TeamFormView(TeamMixin, WagtailAdminTemplateMixin, FormView):
    """A form about one department that redirects to its members on success."""

    template_name = "cms_sites/team/form.html"
    submit_button_label: Any = gettext_lazy("Save")
    submit_button_active_label = gettext_lazy("Saving…")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"department": self.department}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {
            "department": self.department,
            "media": context["form"].media,
            "action_url": self.request.path,
            "submit_button_label": self.submit_button_label,
            "submit_button_active_label": self.submit_button_active_label,
        }

    def get_success_url(self) -> str:
        return self.url_of("members")

    def form_valid(self, form: Form) -> HttpResponse:
        try:
            message = self.perform(form)
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return self.form_invalid(form)
        messages.success(self.request, message)
        return super().form_valid(form)

    def perform(self, form: Form) -> str:
        """Apply the form and return the success message; a ValidationError is shown in the form."""
        raise NotImplementedError


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class InviteView(TeamFormView):
    """The form that invites somebody to the department."""

    form_class = InviteForm
    page_title = gettext_lazy("Invite somebody")
    submit_button_label = gettext_lazy("Send the invitation")
    submit_button_active_label = gettext_lazy("Sending…")

    def perform(self, form: Form) -> str:
        invitation, _link = membership.invite(
            self.department, form.cleaned_data["email"], form.cleaned_data["groups"], by=self.request.user
        )
        return _("%(email)s is invited.") % {"email": invitation.email}


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class MemberEditView(TeamFormView):
    """The roles of a member in this department; roles in other departments are neither shown nor changed."""

    form_class = RolesForm
    template_name = "cms_sites/team/edit.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.page_title = get_user_display_name(self.member)

    def get_initial(self) -> dict[str, Any]:
        return {"groups": [group.pk for group in self.member.groups_in_department]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"member": self.member, "remove_url": self.url_of("remove", self.member.pk)}

    def perform(self, form: Form) -> str:
        membership.change_roles(self.department, self.member, form.cleaned_data["groups"], by=self.request.user)
        return _("The roles of %(person)s are saved.") % {"person": self.page_title}


class MemberRemoveView(TeamFormView):
    """The confirmation to remove a member from the department."""

    form_class = RemoveForm
    template_name = "cms_sites/team/remove.html"
    page_title = gettext_lazy("Remove from the department")

    def get_form_kwargs(self) -> dict[str, Any]:
        return FormView.get_form_kwargs(self)

    def get_form(self, form_class: Any = None) -> Form:
        """Return the form, with the closing of every open account but the own one: others must not be told apart."""
        form: Form = super().get_form(form_class)
        if self.member == self.request.user or not self.member.is_active:
            del form.fields["close_account"]
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"name": get_user_display_name(self.member), "back_url": self.url_of("edit", self.member.pk)}

    def get_success_url(self) -> str:
        # Users who remove themselves may no longer view the members.
        return reverse("wagtailadmin_home") if self.member == self.request.user else super().get_success_url()

    def perform(self, form: Form) -> str:
        close = form.cleaned_data.get("close_account", False)
        # Afterwards the name would be that of another department of the person.
        message = _("%(person)s is no longer in the department.") % {"person": get_user_display_name(self.member)}
        membership.remove_member(self.department, self.member, by=self.request.user, close_account=close)
        return message


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class InvitationActionView(TeamMixin, View):
    """Sends an invitation again (`action` "resend") or revokes it ("revoke")."""

    http_method_names = ["post"]
    action = ""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        # For every method: Http404 for an invitation of another department.
        self.invitation  # noqa: B018

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        invitation = self.invitation
        if self.action == "resend":
            groups = invitation.groups.filter(department_group__department=self.department)
            try:
                membership.invite(self.department, invitation.email, groups, by=request.user)
            except ValidationError as refusal:  # Its roles no longer exist.
                messages.error(request, " ".join(refusal.messages))
            else:
                messages.success(request, _("%(email)s is invited again.") % {"email": invitation.email})
        elif self.action == "revoke":
            membership.revoke_invitation(invitation, by=request.user)
            messages.success(request, _("The invitation of %(email)s is revoked.") % {"email": invitation.email})
        else:
            raise Http404
        return HttpResponseRedirect(self.url_of("members"))
