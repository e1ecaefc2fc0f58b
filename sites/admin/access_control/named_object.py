"""The departments of the object that the URL of a request names."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.admin.utils import unquote
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, QuerySet
from wagtail.models import Page

from sites.access.ownership import departments_owning
from sites.models import Department

from .admin_request import OBJECT_ARGUMENTS, PAGE_ARGUMENTS, AdminRequest, model_of_view
from .url_table import Access

OBJECT_ACCESS = frozenset({Access.VIEWABLE_OBJECT, Access.CHANGEABLE_OBJECT})
PAGE_ACCESS = frozenset({Access.PAGE, Access.PAGE_TASK, Access.PAGE_AUTHOR, Access.PAGE_OR_ROOT, Access.PAGE_PUBLISHER})
DEPARTMENT_ARGUMENT = "department"
TRANSLATION_ARGUMENT = "translation_id"


def departments_of_object(admin_request: AdminRequest, access: Access | None) -> QuerySet[Department]:
    """Return the departments of the page, file, snippet, translation or department of the URL; none without one."""
    arguments = admin_request.url_arguments
    if DEPARTMENT_ARGUMENT in arguments:
        return Department.objects.filter(slug=str(arguments[DEPARTMENT_ARGUMENT]))
    instance = _instance(admin_request, access)
    return departments_owning(instance) if instance is not None else Department.objects.none()


def _instance(admin_request: AdminRequest, access: Access | None) -> Model | None:
    """Return the first object of the URL, or None if it does not exist."""
    arguments = admin_request.url_arguments
    if TRANSLATION_ARGUMENT in arguments:
        return _translated(arguments[TRANSLATION_ARGUMENT])
    names: tuple[str, ...]
    model: type[Model]
    if access in PAGE_ACCESS:
        names, model = PAGE_ARGUMENTS, Page
    elif access in OBJECT_ACCESS:
        names, model = OBJECT_ARGUMENTS, model_of_view(admin_request)
    else:
        return None
    keys: list[Any] = [arguments[name] for name in names if name in arguments]
    try:
        return model._default_manager.filter(pk=unquote(str(keys[0]))).first() if keys else None
    except ValueError:
        return None


def _translated(key: object) -> Model | None:
    """Return the translated page or snippet of a translation, or its source while there is none."""
    model: Any = apps.get_model("wagtail_localize", "Translation")
    translation = model.objects.select_related("source").filter(pk=key).first()
    for find in (translation.get_target_instance, translation.source.get_source_instance) if translation else ():
        try:
            found: Model = find()
        except ObjectDoesNotExist:
            continue
        return found
    return None
