"""The current department of a request: the switch in the header, and links to another department of the user."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sites.access.capabilities import departments_of, is_unrestricted
from sites.access.current_department import (
    bind_current_department,
    current_department,
    selectable_departments,
    set_current_department,
)
from sites.admin.access_control.admin_request import AdminRequest
from sites.admin.access_control.named_object import OBJECT_ACCESS, PAGE_ACCESS, departments_of_object
from sites.admin.access_control.url_table import Access
from sites.models import Department

ALL = "all"


@require_POST
def switch_department(request: HttpRequest) -> HttpResponse:
    """Make the department of the form field `department` the current one and redirect to the dashboard.

    The value is the key of a department of the user, or `all` for a superuser; Http404 for other values.
    """
    chosen = request.POST.get("department", "")
    if chosen == ALL and is_unrestricted(request.user):
        set_current_department(request, None)
        messages.success(request, _("You now see all departments."))
    else:
        department = selectable_departments(request.user).filter(pk=chosen).first() if chosen.isdecimal() else None
        if department is None:
            raise Http404
        set_current_department(request, department)
        messages.success(request, _("You now see %(department)s.") % {"department": department.name})
    return redirect("wagtailadmin_home")


def apply_current_department(admin_request: AdminRequest, access: Access | None) -> None:
    """Bind the department that limits the lists and forms of the response to the user.

    It is the department of the object that the URL names, else the current department. A user who opens an object of
    another of their departments switches to that department; choosers, frames and scripts within a page do not
    switch. A submitted form that names a collection is not limited: the user may have switched in another tab since
    the form was shown, and access control alone decides what may be written.
    """
    request = admin_request.request
    if not is_unrestricted(request.user) and len(departments_of(request.user)) < 2:
        return  # Access control alone limits the lists of a user of one department.
    current = current_department(request)
    owner = _owning_department(admin_request, access, current) if current is not None else None
    if owner is not None and owner != current and _is_opened(admin_request):
        set_current_department(request, owner)
    names_a_collection = any(f"-{name}".endswith("-collection") for name in request.POST)
    bind_current_department(request.user, None if names_a_collection else owner or current)


def _is_opened(admin_request: AdminRequest) -> bool:
    """Return True if the request opens a page in the browser, not a chooser, a frame or a script."""
    headers = admin_request.request.headers
    is_part = "choose" in admin_request.url_name or admin_request.url_name.startswith("wagtailadmin_api:")
    is_script = headers.get("X-Requested-With") == "XMLHttpRequest"
    is_document = headers.get("Sec-Fetch-Dest", "document") == "document"
    return admin_request.request.method == "GET" and not is_part and not is_script and is_document


def _owning_department(admin_request: AdminRequest, access: Access | None, current: Department) -> Department | None:
    """Return the user's department that owns the object of the URL, or None; the current one if several own it."""
    if access not in (*PAGE_ACCESS, *OBJECT_ACCESS):
        return None
    owners = list(
        selectable_departments(admin_request.request.user).filter(pk__in=departments_of_object(admin_request, access))
    )
    return current if current in owners else next(iter(owners), None)
