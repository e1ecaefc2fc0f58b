"""Removal of a language that was added to a department by mistake, while nothing is published in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from wagtail.models import Page, Task

from sites.access.capabilities import has_instance_rights_now
from sites.access.ownership import home_pages_of
from sites.access.references.referable_objects import published_title
from sites.audit_log.recording import Action, record_for_department
from sites.models import Department, DepartmentGroup, DepartmentLocale, DepartmentWorkflow, Sharing

from .deletion_protection import retirement

TITLES_SHOWN = 5


@dataclass(frozen=True)
class LanguageContent:
    """The pages and members of a department in a language.

    `published` and `shared` are live pages: its own without the home, and those of other departments that its site
    shows. `drafts` are its other pages without the home, and aliases: copies of untranslated pages, which
    wagtail-localize makes and publishes by itself. `members` is the number of accounts with a role in the language.
    """

    published: QuerySet[Page]
    shared: QuerySet[Page]
    drafts: QuerySet[Page]
    members: int


def content_in(row: DepartmentLocale) -> LanguageContent:
    """Return the pages and members of the department of a row in its language."""
    department = row.department
    own = Page.objects.filter(path__startswith=department.container.path, locale=row.locale_id)
    contents = own.exclude(pk__in=home_pages_of(department).values("pk")).exclude(pk=department.container_id)
    keys = Sharing.objects.placed().filter(department=department).values("content_key")
    received = Page.objects.filter(translation_key__in=keys, locale=row.locale_id, live=True, alias_of=None)
    groups = DepartmentGroup.objects.filter(department=department, locale=row.locale_id)
    return LanguageContent(
        published=contents.filter(live=True, alias_of=None).order_by("title"),
        shared=received.exclude(path__startswith=department.container.path).order_by("title"),
        drafts=contents.exclude(live=True, alias_of=None).order_by("title"),
        members=groups.filter(group__user__isnull=False).values("group__user").distinct().count(),
    )


def removal_refusal(row: DepartmentLocale) -> str:
    """Return the reason why the language of a row cannot be removed, "" if it can."""
    if row.is_source:
        return _("The source language cannot be removed: the pages in other languages are translations from it.")
    content = content_in(row)
    if titles := _titles(content.published):
        return _("These pages are published in this language: %(titles)s. Unpublish them first.") % {"titles": titles}
    if titles := _titles(content.shared, lambda page: published_title(page) or _("Content that is not public now")):
        message = _("The site shows pages of other departments in this language: %(titles)s. End their sharing first.")
        return message % {"titles": titles}
    return ""


@transaction.atomic
def remove_language(row: DepartmentLocale, by: Any = None) -> None:
    """Remove a language with its home, its drafts, its groups and its workflow; members lose their roles in it.

    Raises ValidationError, and changes nothing, if something is published in it, or if it is the source language.
    Raises PermissionDenied if `by` does not administer the instance any more; None stands for a command.
    """
    department = Department.objects.select_for_update().select_related("container", "site").get(pk=row.department_id)
    if by is not None and not has_instance_rights_now(by):
        raise PermissionDenied
    row = DepartmentLocale.objects.select_related("department__container", "locale").get(pk=row.pk)
    if refusal := removal_refusal(row):
        raise ValidationError(refusal)
    with retirement(department):
        for home in home_pages_of(department).filter(locale=row.locale_id):
            home.delete()
        _delete_workflows(department, row)
        for each in DepartmentGroup.objects.filter(department=department, locale=row.locale_id).select_related("group"):
            each.group.delete()
        code = row.locale.language_code
        # Chains of languages go on without it. Not by `save`, whose signal writes all documents again.
        department.department_locales.filter(fallback=row).update(fallback=row.fallback_id)
        row.delete()
    record_for_department(Action.LANGUAGE_REMOVED, department, language=code)


def _delete_workflows(department: Department, row: DepartmentLocale) -> None:
    """Delete the workflow of a language, and its tasks that no other workflow has."""
    for each in DepartmentWorkflow.objects.filter(department=department, locale=row.locale_id):
        tasks = list(Task.objects.filter(workflow_tasks__workflow=each.workflow_id).values_list("pk", flat=True))
        each.workflow.delete()
        for task in Task.objects.filter(pk__in=tasks, workflow_tasks=None):
            task.delete()


def _titles(pages: QuerySet[Page], title: Callable[[Page], str] = attrgetter("title")) -> str:
    """Return the titles of the first pages; "" for none. `title` returns that of a page."""
    titles = [title(page) for page in pages[: TITLES_SHOWN + 1]]
    quoted = _("“%(title)s”")
    return ", ".join(quoted % {"title": each} for each in titles[:TITLES_SHOWN]) + (
        ", …" if len(titles) > TITLES_SHOWN else ""
    )
