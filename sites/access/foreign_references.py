"""Validation that content of one department does not refer to another's pages, files, videos or consents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _
from wagtail.models import CollectionMember, Page
from wagtail.signals import pre_page_move

from sites.models import Department, Sharing
from sites.validation.object_keys import is_beyond_keys

from .overrides.reference_extraction import extract_references
from .ownership import CONTAINER_PATH_LENGTH, department_of_collection, department_of_page

FOREIGN_REFERENCE = "foreign_reference"


def foreign_fields(instance: Model, department: Department | None) -> list[str]:
    """Return the names of the instance's fields that refer to an object of another department, in order.

    If `department` is None, the instance owns the object, and every department is another one. Wagtail's reference
    extraction finds foreign keys, StreamField choosers, and links and images in rich text. Objects without a department
    belong to the instance and may be referred to by all.
    """
    fields_by_target: dict[type[Model], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for content_type_id, object_id, content_path in extract_references(instance):
        model = ContentType.objects.get_for_id(content_type_id).model_class()
        if model is not None and issubclass(model, Page | CollectionMember):
            fields_by_target[model][object_id].append(content_path.split(".")[0])
    found: dict[str, None] = {}
    for model, fields in fields_by_target.items():
        for pk in keys_of_other_departments(model, fields, department):
            found |= dict.fromkeys(fields[str(pk)])
    return list(found)


def refuse_foreign_references(instance: Model, department: Department | None) -> None:
    """Raise ValidationError with one error per field that refers to an object of another department."""
    if names := foreign_fields(instance, department):
        message = _("This refers to content of another department.")
        raise ValidationError({name: ValidationError(message, code=FOREIGN_REFERENCE) for name in names})


def refuse_foreign_references_of_page(page: Page, parent: Page | None = None) -> None:
    """Validate a page; `parent` gives the department of a page that is not in the tree yet."""
    placed = page if page.path else parent
    if placed is not None and (department := department_of_page(placed)) is not None:
        refuse_foreign_references(page, department)


def refuse_foreign_references_of_member(member: CollectionMember) -> None:
    """Validate a file, a video or a consent against the department of its collection, before or after it is saved."""
    if member.collection_id is not None:
        refuse_foreign_references(member, department_of_collection(member.collection))


def refuse_change_of_department(page: Page, parent: Page) -> None:
    """Raise ValidationError if the page, with its descendants, would move to another department.

    Its references to objects of its department would become foreign. Other departments get content by sharing.
    """
    department = department_of_page(page)
    if department is not None and department_of_page(parent) != department:
        message = _("“%(page)s” stays in its department: it can be neither moved nor copied to another.")
        raise ValidationError({NON_FIELD_ERRORS: message % {"page": page.get_admin_display_title()}})


def refuse_moves_between_departments() -> None:
    """Connect the signal handler that refuses such moves from any code. Called once, when the apps are ready."""
    pre_page_move.connect(_refuse_move, dispatch_uid="department of a page")


def _refuse_move(sender: type[Page], instance: Page, parent_page_after: Page, **kwargs: Any) -> None:
    # `deletion_protection` refuses to move a container; provisioning moves back one that is in another department.
    if not Department.objects.filter(container=instance.pk).exists():
        refuse_change_of_department(instance, parent_page_after)


def keys_of_other_departments(model: type[Model], pks: Iterable[str], department: Department | None) -> list[object]:
    """Return the primary keys that belong to another department's container or collection.

    Content that the department co-holds or mirrors counts as its own.
    """
    lookup = "path" if issubclass(model, Page) else "collection__path"
    # Rich text refers to what a request names: a text that is no key belongs to nobody.
    keys = [pk for pk in pks if str(pk).isdecimal() and not is_beyond_keys(pk)]
    rows = model._default_manager.filter(pk__in=keys).values_list("pk", lookup)
    others = Department.objects.exclude(pk=department.pk) if department else Department.objects.all()
    if issubclass(model, Page):
        shared = Sharing.objects.placed().filter(department=department).values("content_key")
        containers = set(others.values_list("container__path", flat=True))
        return [
            pk for pk, path in rows.exclude(translation_key__in=shared) if path[:CONTAINER_PATH_LENGTH] in containers
        ]
    collections = tuple(others.values_list("collection__path", flat=True))
    return [pk for pk, path in rows if path.startswith(collections)]
