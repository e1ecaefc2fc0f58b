"""A request for a URL of the admin, as the rules of `sites.admin.access_control.rules` receive it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, Page

from sites.access.permission_policies import instances_with_permission
from sites.access.querysets import are_viewable_by

ENTITY_KEY = re.compile(r'"id": ?"?([0-9]{1,19})\b')
PAGE_ARGUMENTS = ("page_id", "parent_page_id", "page_to_move_id", "destination_id", "page_pk", "pk")
OBJECT_ARGUMENTS = ("pk", "image_id", "document_id", "doc_id")


@dataclass(frozen=True)
class AdminRequest:
    """A request for a URL of the admin, with the name, the arguments and the view that the resolver returned."""

    request: HttpRequest
    url_name: str
    url_arguments: dict[str, Any]
    view: Callable[..., HttpResponse]

    @property
    def user(self) -> Any:
        return self.request.user

    def require_viewable(self, model: type[Model], keys: Iterable[object]) -> None:
        """Raise Http404 unless the user may view the instance of the model with each of these keys."""
        if not are_viewable_by(model, map(str, keys), self.user):
            raise Http404

    def require_editable(self, page: Model) -> Any:
        """Return the page or snippet if the user may edit it.

        Raise Http404 for an instance of another department, and PermissionDenied for a page of the user's department
        that the user may not edit.
        """
        if not isinstance(page, Page):
            if not instances_with_permission(type(page), self.user, "change").filter(pk=page.pk).exists():
                raise Http404
            return page
        self.require_viewable(Page, [page.pk])
        if not page.permissions_for_user(self.user).can_edit():
            raise PermissionDenied
        return page


Rule = Callable[[AdminRequest], HttpResponse | None]


def model_of_view(admin_request: AdminRequest) -> type[Model]:
    """Return the model of the instances that the URL names, from its name or from the arguments of its view."""
    if admin_request.url_name == "consent_proof":
        return apps.get_model("cms_media", "Consent")
    if admin_request.url_name.startswith("wagtailadmin_choose_page"):
        return Page
    if admin_request.url_name.startswith(("wagtailadmin_collections", "department_collections")):
        return Collection
    if admin_request.url_name.startswith(("wagtailimages", "wagtailadmin_api:images")):
        return get_image_model()
    if admin_request.url_name.startswith(("wagtaildocs", "wagtailadmin_api:documents")):
        return get_document_model()
    model: type[Model] = admin_request.view.view_initkwargs["model"]  # type: ignore[attr-defined]
    return model


def require_publisher(admin_request: AdminRequest, page: Any) -> None:
    """Raise PermissionDenied unless the user may publish the page.

    Snippets pass: they have no draft and are public once they are saved.
    """
    if not isinstance(page, Page):
        return
    if page.permissions_for_user(admin_request.user).page_locked():
        raise PermissionDenied
    if not page.permissions_for_user(admin_request.user).can_publish():
        raise PermissionDenied


def form_data(request: HttpRequest) -> QueryDict:
    """Return the form data of a request of any method; Django parses them for POST only.

    The result is empty if the body cannot be parsed.
    """
    if request.content_type != "multipart/form-data":
        return QueryDict(request.body, encoding=request.encoding)
    try:
        body = BytesIO(request.body)
        return MultiPartParser(request.META, body, request.upload_handlers, request.encoding).parse()[0]
    except MultiPartParserError:
        return QueryDict()


def keys_in_form(request: HttpRequest) -> set[str]:
    """Return the numbers in a form that may be keys of objects: values of choosers, and targets of rich text."""
    keys: set[str] = set()
    if request.method == "POST":
        for values in dict(request.POST.lists()).values():
            for value in map(str, values):
                if value.isdecimal():
                    keys.add(value)
                elif '"entityMap"' in value:
                    keys.update(ENTITY_KEY.findall(value))
    return keys
