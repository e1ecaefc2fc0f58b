"""The rules of the URLs of wagtail-localize, applied before the view runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from wagtail.models import Page, ReferenceIndex

from sites.access.capabilities import has_capability
from sites.access.ownership import department_of_page, is_shared
from sites.access.permission_policies import instances_with_permission
from sites.access.querysets import is_viewable_by
from sites.models import Department, DepartmentLocale
from sites.roles import Capability
from sites.validation.links import is_safe_link

from .admin_request import AdminRequest, form_data, require_publisher


def require_editable_translation(admin_request: AdminRequest) -> None:
    """Raise Http404 or PermissionDenied unless the user may edit the translated page or snippet."""
    _target(admin_request)


def require_unlocked_translation(admin_request: AdminRequest) -> None:
    """Raise as `require_editable_translation`, and PermissionDenied for a change to a page that somebody locked."""
    target = _target(admin_request)
    is_locked = isinstance(target, Page) and target.permissions_for_user(admin_request.user).page_locked()
    if admin_request.request.method != "GET" and is_locked:
        raise PermissionDenied


def check_override(admin_request: AdminRequest) -> HttpResponse | None:
    """Return a 400 response if the value may not replace the segment, else None.

    Raise Http404 for a segment that is not of the translated content, and as `require_unlocked_translation`.
    """
    require_unlocked_translation(admin_request)
    if admin_request.request.method != "PUT":
        return None
    value = form_data(admin_request.request).get("value")
    model = apps.get_model("wagtail_localize", "OverridableSegment")
    content = _translation(admin_request).source.object_id
    segments = model.objects.filter(context__object_id=content)
    segment = segments.filter(pk=admin_request.url_arguments["overridable_segment_id"]).first()
    if segment is None:
        raise Http404
    if value is None or not _is_allowed_override(admin_request, segment, value):
        return HttpResponseBadRequest()
    return None


def require_translation_publisher(admin_request: AdminRequest) -> None:
    """Raise Http404 or PermissionDenied unless the user may publish the translated page."""
    require_publisher(admin_request, _target(admin_request))


def require_page_submission(admin_request: AdminRequest) -> None:
    """Raise Http404 or PermissionDenied unless the user may send the page to translation.

    The user needs the capability TRANSLATION in the department of the page and the permission to edit the page. A
    container is never translated.
    """
    page = Page.objects.filter(pk=admin_request.url_arguments["page_id"]).first()
    if page is None:
        raise Http404
    admin_request.require_viewable(Page, [page.pk])
    department = department_of_page(page)
    if (
        department is None
        or page.pk == department.container_id
        or not has_capability(admin_request.user, Capability.TRANSLATION, department)
    ):
        raise Http404
    admin_request.require_editable(page)
    _require_language(admin_request, page, department)


def require_snippet_submission(admin_request: AdminRequest) -> None:
    """Raise Http404 unless the user has the capability TRANSLATION in the department that owns the snippet.

    Only superusers send the snippets of the instance, which have no owner.
    """
    try:
        model = apps.get_model(admin_request.url_arguments["app_label"], admin_request.url_arguments["model_name"])
    except LookupError:
        raise Http404 from None
    key = unquote(admin_request.url_arguments["pk"])
    admin_request.require_viewable(model, [key])
    snippet = (
        instances_with_permission(model, admin_request.user, "change").filter(pk=key).first()
        if is_shared(model)
        else None
    )
    if snippet is None or not has_capability(admin_request.user, Capability.TRANSLATION, snippet.owner):
        raise Http404
    _require_language(admin_request, snippet, snippet.owner)


def _require_language(admin_request: AdminRequest, source: Any, department: Department) -> None:
    """Raise Http404 unless the source is in the department's source language and the targets are its locales."""
    department_locales = DepartmentLocale.objects.filter(department=department).values_list("locale_id", "is_source")
    if (source.locale_id, True) not in department_locales:
        raise Http404
    if not {str(pk) for pk, _is_source in department_locales}.issuperset(admin_request.request.POST.getlist("locales")):
        raise Http404


def require_synchronisation(admin_request: AdminRequest) -> None:
    """Raise Http404 or PermissionDenied unless the user may bring the translations of the source up to date.

    Publishing them at once requires the permission to publish each translation.
    """
    model = apps.get_model("wagtail_localize", "TranslationSource")
    source = model.objects.filter(pk=admin_request.url_arguments["translation_source_id"]).first()
    if source is None:
        raise Http404
    instance = admin_request.require_editable(_get_or_404(source.get_source_instance))
    department = department_of_page(instance) if isinstance(instance, Page) else instance.owner
    if department is None or not has_capability(admin_request.user, Capability.TRANSLATION, department):
        raise Http404
    if admin_request.request.POST.get("publish_translations"):
        for translation in source.translations.filter(enabled=True):
            require_publisher(
                admin_request, admin_request.require_editable(_get_or_404(translation.get_target_instance))
            )


def _translation(admin_request: AdminRequest) -> Any:
    """Return the `Translation` that the URL names; raise Http404 if it does not exist."""
    model = apps.get_model("wagtail_localize", "Translation")
    translations = model.objects.select_related("source", "target_locale").filter(
        pk=admin_request.url_arguments["translation_id"]
    )
    if not (translation := translations.first()):
        raise Http404
    return translation


def _target(admin_request: AdminRequest) -> Any:
    """Return the translated page or snippet; raise Http404 or PermissionDenied unless the user may edit it."""
    return admin_request.require_editable(_get_or_404(_translation(admin_request).get_target_instance))


def _is_allowed_override(admin_request: AdminRequest, segment: Any, value: str) -> bool:
    """Return True if the value may replace the segment: a safe link, or an object that the user may view."""
    original = segment.data
    if isinstance(original, str) and not original.isdigit():
        return is_safe_link(value)
    # A number is the key of an object. The reference index of the source knows its model.
    source = _get_or_404(segment.source.get_source_instance)
    references = ReferenceIndex.get_references_for_object(source).filter(
        to_object_id=str(original), content_path__startswith=segment.context.path
    )
    targets = set(references.values_list("to_content_type_id", flat=True))
    models = [_model_of_content_type(pk) for pk in targets]
    return bool(models) and all(is_viewable_by(model, value, admin_request.user) for model in models)


def _model_of_content_type(pk: int) -> type[Model]:
    model = ContentType.objects.get_for_id(pk).model_class()
    if model is None:
        raise Http404
    return model


def _get_or_404(getter: Callable[[], Model]) -> Model:
    """Return the result of the getter; raise Http404 if the object does not exist."""
    try:
        return getter()
    except ObjectDoesNotExist:
        raise Http404 from None
