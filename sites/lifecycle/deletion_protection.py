"""Protects the parts of an active department from deletion, moves, renaming and unpublishing.

The container, homes, site, collection, groups and languages stay as long as the department exists, for every user
and every code path. Only `retirement` lifts the protection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model, ProtectedError
from django.db.models.signals import pre_delete, pre_save
from django.utils.translation import gettext as _
from wagtail.models import Collection, Page, Site
from wagtail.signals import pre_page_move

from sites.access.ownership import CONTAINER_DEPTH, CONTAINER_PATH_LENGTH, home_pages_of
from sites.models import Department, DepartmentContainerPage, DepartmentGroup, DepartmentLocale

_retiring: ContextVar[frozenset[int]] = ContextVar("retiring departments", default=frozenset())


class DepartmentIsActive(ProtectedError):
    """Raised when a part of an active department would be deleted. The message is for users."""

    def __init__(self, department: Department, instance: Model) -> None:
        super().__init__(deletion_refusal(department, instance), {instance})


@contextmanager
def retirement(department: Department) -> Iterator[None]:
    """Lift the protection of one department in this thread, inside the `with` block, for its retirement."""
    token = _retiring.set(_retiring.get() | {department.pk})
    try:
        yield
    finally:
        _retiring.reset(token)


def is_retiring(department: Department) -> bool:
    """Return True inside the `retirement` of a department, which deletes its pages in all languages."""
    return department.pk in _retiring.get()


def deletion_refusal(department: Department, instance: Model) -> str:
    """Return the message that explains why an object cannot be deleted."""
    return _("“%(object)s” cannot be deleted: the department %(department)s depends on it.") % {
        "object": instance,
        "department": department,
    }


def department_requiring(page: Page) -> Department | None:
    """Return the active department whose container or home the page is; None for other pages."""
    if page.depth not in (CONTAINER_DEPTH, CONTAINER_DEPTH + 1):
        return None
    department = Department.objects.filter(container__path=page.path[:CONTAINER_PATH_LENGTH]).first()
    if department is None or department.pk in _retiring.get():
        return None
    is_part = page.depth == CONTAINER_DEPTH or department.department_locales.filter(locale=page.locale_id).exists()
    return department if is_part else None


def refuse_deletion_of_required_page(page: Page) -> None:
    """Raise DepartmentIsActive for the container and the homes of an active department."""
    if department := department_requiring(page):
        raise DepartmentIsActive(department, page)


def refuse_move_of_required_page(page: Page, parent: Page) -> None:
    """Raise ValidationError if the container or a home would get another parent. Reordering is allowed."""
    if page.depth > 1 and parent.pk != page.get_parent().pk and (department := department_requiring(page)):
        message = _("“%(page)s” cannot be moved: the department %(department)s depends on it.")
        # The error names a field, because the admin API reads messages by field.
        raise ValidationError({NON_FIELD_ERRORS: message % {"page": page, "department": department}})


def refuse_slug_change(page: Page) -> None:
    """Raise ValidationError at `slug` if the slug of the container or a home would change. Called by `clean`."""
    if not page.path or department_requiring(page) is None:
        return
    if Page.objects.filter(pk=page.pk).exclude(slug=page.slug).exists():
        raise ValidationError({"slug": _("The slug of a department's container or home cannot be changed.")})


def refuse_expiry_of_home(page: Page) -> None:
    """Raise ValidationError at `expire_at` if a home would expire. Called by `clean`."""
    if page.expire_at is not None and (department := _department_of_home(page)):
        raise ValidationError({"expire_at": _unpublishing_refusal(page, department)})


def refuse_unpublishing_of_home(page: Page) -> None:
    """Raise ValidationError if a live home would be unpublished. A home that is not live can be saved."""
    if page.live or (department := _department_of_home(page)) is None:
        return
    if Page.objects.filter(pk=page.pk, live=True).exists():
        # The error names a field, because the admin API reads messages by field.
        raise ValidationError({NON_FIELD_ERRORS: _unpublishing_refusal(page, department)})


def _department_of_home(page: Page) -> Department | None:
    return department_requiring(page) if page.depth == CONTAINER_DEPTH + 1 else None


def _unpublishing_refusal(page: Page, department: Department) -> str:
    message = _("“%(page)s” cannot be unpublished: the department %(department)s depends on it.")
    return message % {"page": page, "department": department}


def _protect(departments: Callable[[Any], Any]) -> Callable[..., None]:
    """Return a `pre_delete` handler from a function that returns the departments that need an instance."""

    def protect(sender: type[Model], instance: Model, **kwargs: Any) -> None:
        if department := departments(instance).exclude(pk__in=_retiring.get()).first():
            raise DepartmentIsActive(department, instance)

    return protect


def _protect_page(sender: type[Page], instance: Page, **kwargs: Any) -> None:
    refuse_deletion_of_required_page(instance)


def _protect_slug(sender: type[Page], instance: Page, **kwargs: Any) -> None:
    refuse_slug_change(instance)


def _protect_live(
    sender: type[Page], instance: Page, update_fields: frozenset[str] | None = None, **kwargs: Any
) -> None:
    if update_fields is None or "expire_at" in update_fields:
        refuse_expiry_of_home(instance)
    if update_fields is None or "live" in update_fields:
        refuse_unpublishing_of_home(instance)


def _protect_tree_position(sender: type[Page], instance: Page, parent_page_after: Page, **kwargs: Any) -> None:
    refuse_move_of_required_page(instance, parent_page_after)


def _protect_root_page(sender: type[Site], instance: Site, **kwargs: Any) -> None:
    """Refuse to change the root page of a department's site to another page than its source home."""
    if instance.pk is None or not Site.objects.filter(pk=instance.pk).exclude(root_page=instance.root_page_id).exists():
        return
    department = Department.objects.filter(site=instance.pk).exclude(pk__in=_retiring.get()).first()
    if department is not None and not source_homes(department).filter(pk=instance.root_page_id).exists():
        raise ValidationError(
            {"root_page": _("The site of %(department)s starts at its home.") % {"department": department}}
        )


def source_homes(department: Department) -> Any:
    """Return the queryset of possible root pages of the department's site: usually one page."""
    sources = DepartmentLocale.objects.filter(department=department, is_source=True)
    return home_pages_of(department).filter(locale__in=sources.values("locale"))


def _departments_with(**attributes: str) -> Callable[[Any], Any]:
    """Return a function that finds the departments whose fields equal the named attributes of an instance."""

    def find(instance: Model) -> Any:
        return Department.objects.filter(**{name: getattr(instance, value) for name, value in attributes.items()})

    return find


_HANDLERS = {
    Site: _protect(_departments_with(site="pk")),
    Collection: _protect(_departments_with(collection="pk")),
    Group: _protect(_departments_with(department_groups__group="pk")),
    Department: _protect(_departments_with(pk="pk")),
    DepartmentGroup: _protect(_departments_with(pk="department_id")),
    DepartmentLocale: _protect(_departments_with(pk="department_id")),
    Page: _protect_page,
}


def protect_departments() -> None:
    """Connect the signals. Called once, when the applications are ready."""
    for model, handler in _HANDLERS.items():
        pre_delete.connect(handler, sender=model, dispatch_uid=f"protect {model.__name__}")
    pre_save.connect(_protect_root_page, sender=Site)
    pre_save.connect(_protect_slug, sender=DepartmentContainerPage)
    # By name, since this package imports no page types. A page may also be saved as an instance of `Page`.
    for page_type in (settings.DEPARTMENT_HOME_PAGE_MODEL, Page):
        pre_save.connect(_protect_live, sender=page_type)
    pre_page_move.connect(_protect_tree_position)
