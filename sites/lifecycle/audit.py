"""Compares a department with what provisioning creates."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http.request import validate_host
from wagtail.models import Collection, Page

from sites.access.ownership import CONTAINER_DEPTH, home_pages_of
from sites.models import Department, DepartmentContainerPage

from .deletion_protection import source_homes
from .department_groups import existing_group, grants_of, group_specifications
from .language_fallbacks import fallback_codes, languages_of, validate_fallbacks


def audit_department(department: Department) -> list[str]:
    """Return one sentence per difference; an empty list if the department is complete."""
    return [problem for check in CHECKS for problem in check(department)]


def _tree_positions(department: Department) -> Iterator[str]:
    container = Page.objects.get(pk=department.container_id)
    if container.depth != CONTAINER_DEPTH:
        yield f"the container (page {container.pk}) is not directly below the root"
    if not DepartmentContainerPage.objects.filter(pk=container.pk).exists():
        yield f"page {container.pk} is no container"
    if Collection.objects.get(pk=department.collection_id).depth != CONTAINER_DEPTH:
        yield f"the collection {department.collection_id} is not directly below the root of collections"


def _languages(department: Department) -> Iterator[str]:
    if not department.department_locales.filter(is_source=True).exists():
        yield "none of the languages is the source"
    rows = languages_of(department)
    fallbacks = {row.pk: row.fallback_id for row in rows}
    if foreign := {key for key in fallbacks.values() if key is not None} - fallbacks.keys():
        yield f"{len(foreign)} language(s) of another department are fallback languages"
    try:
        validate_fallbacks({row.locale.language_code for row in rows}, fallback_codes(rows))
    except ValidationError as error:
        yield from error.messages
    pages = home_pages_of(department)
    for row in department.department_locales.select_related("locale"):
        found = pages.filter(locale=row.locale).count()
        if found != 1:
            yield f"the language {row.locale.language_code} has {found or 'no'} home{'s' if found > 1 else ''}"
    for home in pages.filter(locale__in=department.department_locales.values("locale")).select_related("locale"):
        if not home.live:
            yield f"the home in {home.locale.language_code} is not live"
        if home.expire_at is not None:
            yield f"the home in {home.locale.language_code} goes offline at {home.expire_at.isoformat()}"
    if len(set(pages.values_list("translation_key", flat=True))) > 1:
        yield "the homes are not translations of each other"
    pages_in_other_locales = (
        Page.objects.descendant_of(Page.objects.get(pk=department.container_id))
        .exclude(locale__in=department.department_locales.values("locale"))
        .values("locale__language_code")
        .annotate(pages=Count("pk"))
        .order_by("locale__language_code")
    )
    for row in pages_in_other_locales:
        yield f"{row['pages']} page(s) in {row['locale__language_code']}, which is none of the languages"


def _site(department: Department) -> Iterator[str]:
    sources = source_homes(department)
    if sources.exists() and not sources.filter(pk=department.site.root_page_id).exists():
        yield f"the site starts at page {department.site.root_page_id}, not at the home in the source language"
    if not validate_host(department.site.hostname, settings.ALLOWED_HOSTS):
        yield f"ALLOWED_HOSTS does not have {department.site.hostname}"


def _groups(department: Department) -> Iterator[str]:
    for specification in group_specifications(department):
        group = existing_group(department, specification)
        if group is None:
            language = f" for {specification.locale.language_code}" if specification.locale else ""
            yield f"there is no group of the role {specification.role.key}{language}"
            continue
        required, existing = specification.grants(department), grants_of(group)
        yield from (f"the group {group} lacks {grant}" for grant in sorted(required - existing))
        yield from (f"the group {group} has {grant}, which is too much" for grant in sorted(existing - required))


# In the order of their sentences.
CHECKS: list[Callable[[Department], Iterator[str]]] = [_tree_positions, _languages, _site, _groups]
