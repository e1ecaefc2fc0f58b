"""Redirects of a department's site; these screens replace Wagtail's, which show the redirects of all sites."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets.button import Button
from wagtail.contrib.redirects import views
from wagtail.contrib.redirects.filters import RedirectsReportFilterSet
from wagtail.contrib.redirects.forms import RedirectForm
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, Site

from sites.access.capabilities import departments_of, is_unrestricted
from sites.access.current_department import limit_to_current_department
from sites.access.ownership import department_of_page
from sites.access.permission_policies import DepartmentPermissionPolicy
from sites.access.querysets import get_viewable_or_404, is_viewable_by, manageable_by
from sites.roles import Capability

POLICY = DepartmentPermissionPolicy(Redirect, Capability.REDIRECTS)


def validate_target(value: str) -> None:
    """Raise ValidationError unless the value is an http(s) URL or an absolute path of the same site."""
    # Browsers take "//host" and "/\host" for the URL of another site.
    if value.startswith("/") and not value.startswith(("//", "/\\")) and value.isprintable():
        return
    URLValidator(schemes=("http", "https"), message=_("Enter an address (https://…) or a path of your site (/…)."))(
        value
    )


class DepartmentRedirectForm(RedirectForm):
    """Wagtail's form, limited to sites of the user's departments and to targets that are safe.

    The target is a page of the redirect's own site, a URL or a path. Superusers choose among all sites.
    """

    redirect_link = forms.CharField(
        label=_("redirect to any URL"),
        max_length=255,
        required=False,
        validators=[validate_target],
        help_text=_("An address (https://…) or a path of your site (/…)."),
    )

    class Meta(RedirectForm.Meta):
        # Without `redirect_link`: the model field takes URLs only, so the form field above is saved in `clean`.
        fields = tuple(name for name in RedirectForm.Meta.fields if name != "redirect_link")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("redirect_link", self.instance.redirect_link)
        if is_unrestricted(self.for_user):
            return
        site = self.fields["site"]
        site.queryset = manageable_by(Site.objects.all(), self.for_user, Capability.REDIRECTS)
        # A redirect without a site acts on the sites of all departments.
        site.required, site.empty_label = True, None
        if not self.instance.pk:
            site.initial = site.queryset.first()
        elif not is_viewable_by(Page, self.instance.redirect_page_id, self.for_user):
            # A superuser chose a page of another department; the chooser would show its title.
            self.initial["redirect_page"] = None

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        page, link, site = cleaned.get("redirect_page"), cleaned.get("redirect_link"), cleaned.get("site")
        if page and link:
            self.add_error("redirect_link", _("Choose a page or give an address, not both."))
        elif not page and not link and "redirect_link" not in self.errors:
            self.add_error("redirect_page", _("Say where the redirect leads: a page or an address."))
        if page and site:
            department = department_of_page(page)
            if department is None or department.site.pk != site.pk:
                self.add_error("redirect_page", _("Choose a page of the redirect's own site."))
        if link is not None:
            self.instance.redirect_link = link
        return cleaned


class TargetColumn(views.RedirectTargetColumn):
    """Wagtail's column; for a page of another department it shows the public URL, not the title of the draft."""

    def get_url(self, instance: Redirect) -> str | None:
        return super().get_url(instance) if self._is_title_shown(instance) else None

    def get_value(self, instance: Redirect) -> Any:
        return super().get_value(instance) if self._is_title_shown(instance) else instance.link

    def get_cell_context_data(self, instance: Redirect, parent_context: dict[str, Any]) -> dict[str, Any]:
        instance._viewer = parent_context["request"].user
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        return context

    @staticmethod
    def _is_title_shown(instance: Redirect) -> bool:
        page, user = instance.redirect_page, instance._viewer
        containers = tuple(department.container.path for department in departments_of(user))
        return page is None or is_unrestricted(user) or page.path.startswith(containers)


class _ManageableRedirectsMixin:
    """Limits a view to redirects of sites in which the user has the capability REDIRECTS."""

    permission_policy = POLICY

    def get_queryset(self) -> QuerySet[Redirect]:
        return manageable_by(super().get_queryset(), self.request.user, Capability.REDIRECTS)  # type: ignore[misc,attr-defined]


class _RedirectFormMixin:
    """Uses `DepartmentRedirectForm`; Http404 if it names a page that the user may not view."""

    permission_policy = POLICY
    form_class = DepartmentRedirectForm

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # The form drawn again with errors would show the title of the page.
        if posted := request.POST.get("redirect_page"):
            get_viewable_or_404(Page.objects.all(), request.user, pk=posted)
        return super().post(request, *args, **kwargs)  # type: ignore[misc]


class RedirectFilterSet(RedirectsReportFilterSet):
    """Wagtail's filters with labels in the user's language: Wagtail translates them when it imports its module."""

    class Meta(RedirectsReportFilterSet.Meta):
        pass

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.filters["is_permanent"]
        kind.label = _("Type")
        kind.extra |= {"choices": ((True, _("Permanent")), (False, _("Temporary"))), "empty_label": _("All")}


class RedirectIndexView(views.IndexView):
    permission_policy = POLICY
    filterset_class = RedirectFilterSet
    columns = [
        TargetColumn(column.name, label=column.label, width=column.width)
        if isinstance(column, views.RedirectTargetColumn)
        else column
        for column in views.IndexView.columns
    ]

    def get_base_queryset(self) -> QuerySet[Redirect]:
        rows = manageable_by(super().get_base_queryset(), self.request.user, Capability.REDIRECTS)
        return limit_to_current_department(rows, self.request.user)

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        buttons: list[Button] = super().header_more_buttons
        if is_unrestricted(self.request.user):
            return buttons
        # The import writes redirects of all sites and is open to superusers only.
        import_url = reverse("wagtailredirects:start_import")
        return [button for button in buttons if button.url != import_url]


class RedirectCreateView(_RedirectFormMixin, views.CreateView):
    pass


class RedirectEditView(_RedirectFormMixin, _ManageableRedirectsMixin, views.EditView):
    pass


class RedirectDeleteView(_ManageableRedirectsMixin, views.DeleteView):
    pass


app_name = "department_redirects"
urlpatterns = [
    path("", RedirectIndexView.as_view(), name="index"),
    path("results/", RedirectIndexView.as_view(results_only=True), name="index_results"),
    path("add/", RedirectCreateView.as_view(), name="add"),
    path("<int:redirect_id>/", RedirectEditView.as_view(), name="edit"),
    path("<int:redirect_id>/delete/", RedirectDeleteView.as_view(), name="delete"),
]
