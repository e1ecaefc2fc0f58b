"""Refuses references from one department's content to another's: pages, images, documents, videos, consents."""

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

from .overrides.reference_extraction import extract_references
from .ownership import CONTAINER_PATH_LENGTH, department_of_collection, department_of_page

FOREIGN_REFERENCE = "foreign_reference"


def foreign_fields(instance: Model, department: Department | None) -> list[str]:
    """Return the names of the instance's fields that refer to something of another department, in order.

    For what the instance owns (`department` is None) every department is another.

    Whatever the reference index finds is looked at: foreign keys, StreamField choosers, links and images in rich
    text. What belongs to no department is the instance's and may be referred to by all.
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
    """Raise ValidationError, with an error at each field concerned, when `foreign_fields` finds any."""
    if names := foreign_fields(instance, department):
        message = _("This refers to content of another department.")
        raise ValidationError({name: ValidationError(message, code=FOREIGN_REFERENCE) for name in names})


def refuse_foreign_references_of_page(page: Page, parent: Page | None = None) -> None:
    """Check a page; `parent` stands in for the place of a page that is not in the tree yet."""
    placed = page if page.path else parent
    if placed is not None and (department := department_of_page(placed)) is not None:
        refuse_foreign_references(page, department)


def refuse_foreign_references_of_member(member: CollectionMember) -> None:
    """Check a file, a video or a consent against the department of its collection, saved or not."""
    if member.collection_id is not None:
        refuse_foreign_references(member, department_of_collection(member.collection))


def refuse_change_of_department(page: Page, parent: Page) -> None:
    """Raise ValidationError when a page would come to stand in another department, alone or with what is below it.

    It would take along references to what its department owns; another department gets content by sharing.
    """
    department = department_of_page(page)
    if department is not None and department_of_page(parent) != department:
        message = _("“%(page)s” stays in its department: it can be neither moved nor copied to another.")
        raise ValidationError({NON_FIELD_ERRORS: message % {"page": page.get_admin_display_title()}})


def refuse_moves_between_departments() -> None:
    """Refuse such moves on every way, whoever asks; called once, when the applications are ready."""
    pre_page_move.connect(_refuse_move, dispatch_uid="department of a page")


def _refuse_move(sender: type[Page], instance: Page, parent_page_after: Page, **kwargs: Any) -> None:
    # `deletion_protection` refuses to move a container; provisioning moves back one that is in another department.
    if not Department.objects.filter(container=instance.pk).exists():
        refuse_change_of_department(instance, parent_page_after)


def keys_of_other_departments(model: type[Model], pks: Iterable[str], department: Department | None) -> list[object]:
    """Return those of the primary keys that stand in another department's container or collection.

    Content that stands on the department's site, held together with its owner or mirrored, is its own here.
    """
    lookup = "path" if issubclass(model, Page) else "collection__path"
    rows = model._default_manager.filter(pk__in=list(pks)).values_list("pk", lookup)
    others = Department.objects.exclude(pk=department.pk) if department else Department.objects.all()
    if issubclass(model, Page):
        shared = Sharing.objects.placed().filter(department=department).values("content_key")
        containers = set(others.values_list("container__path", flat=True))
        return [
            pk for pk, path in rows.exclude(translation_key__in=shared) if path[:CONTAINER_PATH_LENGTH] in containers
        ]
    collections = tuple(others.values_list("collection__path", flat=True))
    return [pk for pk, path in rows if path.startswith(collections)]
