"""Wagtail's dialog that restricts who may read a page; it offers the groups of the user's departments only."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.http import Http404, HttpRequest, HttpResponse
from wagtail.admin.forms.pages import PageViewRestrictionForm
from wagtail.admin.views.page_privacy import SetPrivacyView
from wagtail.models import Page

from sites.access.querysets import manageable_by
from sites.roles import Capability


class OwnGroupsMixin:
    """A mixin for forms of view restrictions.

    It offers the groups of the departments in which the user has the capability PRIVACY.
    """

    def __init__(self, *args: Any, for_user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = self.fields["groups"]  # type: ignore[attr-defined]
        offered = manageable_by(Group.objects.order_by("name"), for_user, Capability.PRIVACY)
        groups.queryset = offered.select_related("department_group__department", "department_group__locale")
        groups.label_from_instance = _label


class DepartmentPageRestrictionForm(OwnGroupsMixin, PageViewRestrictionForm):
    class Meta(PageViewRestrictionForm.Meta):
        pass


class DepartmentSetPrivacyView(SetPrivacyView):
    """Wagtail's view; Http404 for users without the capability PRIVACY in the page's department.

    Wagtail also requires the permission to publish the page.
    """

    form_class = DepartmentPageRestrictionForm

    def dispatch(self, request: HttpRequest, page_id: int, *args: Any, **kwargs: Any) -> HttpResponse:
        if not manageable_by(Page.objects.filter(pk=page_id), request.user, Capability.PRIVACY).exists():
            raise Http404
        response: HttpResponse = super().dispatch(request, page_id, *args, **kwargs)
        return response

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()
        return kwargs | {"for_user": self.request.user}


def _label(group: Group) -> str:
    """Return the department and the role of the group, or its name for a group of the instance."""
    row = getattr(group, "department_group", None)
    return f"{row.department.name} – {row.title}" if row is not None else group.name
