"""Creates a department with everything it owns. A second run adds missing parts and removes surplus permissions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Collection, Locale, Page, Site

from sites.access.ownership import CONTAINER_DEPTH, home_pages_of
from sites.approval.workflows import ensure_workflows
from sites.audit_log.recording import Action, record_for_department
from sites.models import Department, DepartmentContainerPage, DepartmentLocale

from .deletion_protection import retirement, source_homes
from .department_groups import ensure_groups

# Labels of RFC 1123, as a browser sends them: lower case, and punycode for other letters.
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
HOST_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(\.{_LABEL})*\Z")
PORTS = range(1, 2**16)


@transaction.atomic
def create_department(
    *,
    code: str,
    name: str,
    slug: str,
    hostname: str,
    port: int = 80,
    locales: list[str],
    source: str,
    **details: Any,
) -> Department:
    """Create or complete a department: locales, collection, container, site, and the parts that STEPS create.

    `locales` are language codes and contain `source`; `details` are other fields of Department (contact, colours).
    For an existing department, the name, the host and the given details change; the slug stays, and languages are only
    added. Raise ValidationError, with the field, for an invalid value; nothing is created then.
    """
    hostname = hostname.lower()
    _validate_languages(locales, source)
    _validate_host(code, hostname, port)
    locale_by_code = {
        language_code: Locale.objects.get_or_create(language_code=language_code)[0] for language_code in locales
    }
    department = Department.objects.filter(code=code).select_related("site", "container", "collection").first()
    is_new = department is None
    if department is None:
        department = _create_minimal_department(code, name, slug, hostname, port, locale_by_code[source])
        record_for_department(Action.DEPARTMENT_CREATED, department)
    _save_if_changed(department.site, hostname=hostname, port=port, site_name=name)
    _save_if_changed(department, name=name, **details)
    source_row = department.department_locales.filter(is_source=True).select_related("locale").first()
    if source_row is not None and source_row.locale.language_code != source:
        message = _("The source language is “%(code)s” and cannot be changed.")
        raise ValidationError({"source": message % {"code": source_row.locale.language_code}})
    for language_code, locale in locale_by_code.items():
        _row, is_added = DepartmentLocale.objects.get_or_create(
            department=department, locale=locale, defaults={"is_source": language_code == source}
        )
        if is_added and not is_new:
            record_for_department(Action.LANGUAGE_ADDED, department, language=language_code)
    complete_department(department)
    return department


@transaction.atomic
def complete_department(department: Department) -> None:
    """Bring the department to its required state, except for parts that need a human decision."""
    for step in STEPS:
        step(department)


def ensure_source(department: Department) -> None:
    """Set the missing source language of a department to the locale of its root page."""
    if not department.department_locales.filter(is_source=True).exists():
        department.department_locales.filter(locale=department.site.root_page.locale_id).update(is_source=True)


def ensure_tree_positions(department: Department) -> None:
    """Move the container and the collection directly below their roots, which access control relies on."""
    nodes = ((Page, department.container_id, "last-child"), (Collection, department.collection_id, "sorted-child"))
    for model, pk, position in nodes:
        node = model.objects.get(pk=pk)
        if node.depth != CONTAINER_DEPTH:
            with retirement(department):
                node.move(model.get_first_root_node(), position)
            department.refresh_from_db()


def ensure_homes(department: Department) -> None:
    """Create the missing home of each language, live and without expiry, with one translation key."""
    pages = home_pages_of(department)
    original = source_homes(department).first() or pages.first()
    for row in department.department_locales.select_related("locale"):
        if not pages.filter(locale=row.locale).exists():
            home = _home_model()(
                title=original.title if original else department.name, slug=row.locale.language_code, locale=row.locale
            )
            if original is not None:
                home.translation_key = original.translation_key
            Page.objects.get(pk=department.container_id).add_child(instance=home)
            home.save_revision().publish()
            original = original or home

    for page in pages.filter(locale__in=department.department_locales.values("locale")):
        if not page.live or page.expire_at is not None:
            # Publish the last live revision again; a newer draft stays a draft.
            home = page.specific
            home.live, home.expired, home.expire_at = True, False, None
            home.save(clean=False)


def ensure_root_page(department: Department) -> None:
    """Set the root page of the site to the home in the source language."""
    home = source_homes(department).first()
    if home is not None and department.site.root_page_id != home.pk:
        department.site.root_page = home
        department.site.save()


# Each step creates or corrects the parts that are missing or wrong; later steps need the parts of earlier ones.
STEPS: list[Callable[[Department], None]] = [
    ensure_source,
    ensure_tree_positions,
    ensure_homes,
    ensure_root_page,
    ensure_groups,
    ensure_workflows,
]


def _validate_languages(locales: list[str], source: str) -> None:
    """Raise ValidationError for a language that the instance does not offer, and for a source outside `locales`."""
    known = dict(settings.WAGTAIL_CONTENT_LANGUAGES)
    for language_code in locales:
        if language_code not in known:
            raise ValidationError(
                {
                    "locales": _("Unknown language “%(code)s”; known: %(known)s.")
                    % {"code": language_code, "known": ", ".join(known)}
                }
            )
    if source not in locales:
        raise ValidationError({"source": _("The source language “%(code)s” is not in the list.") % {"code": source}})


def _validate_host(code: str, hostname: str, port: int) -> None:
    """Raise ValidationError for an invalid host name or port, or if another site has both."""
    if not HOST_NAME.match(hostname):
        message = _(
            "“%(host)s” is no host name: give it without scheme, port and path, for example social.isere.example."
        )
        raise ValidationError({"hostname": message % {"host": hostname}})
    if port not in PORTS:
        message = _("“%(port)s” is no port: give a number from %(first)s to %(last)s.")
        raise ValidationError({"port": message % {"port": port, "first": PORTS[0], "last": PORTS[-1]}})
    taken = Site.objects.filter(hostname__iexact=hostname, port=port).exclude(department__code=code).first()
    if taken is not None:
        message = _("“%(host)s” with port %(port)s is the address of %(owner)s already.")
        owner = Department.objects.filter(site=taken).first() or taken
        raise ValidationError({"hostname": message % {"host": hostname, "port": port, "owner": owner}})


def _create_minimal_department(code: str, name: str, slug: str, hostname: str, port: int, source: Locale) -> Department:
    """Return a new department with container, source home, site and collection; `STEPS` create the other parts."""
    container = DepartmentContainerPage(title=name, slug=slug, locale=source)
    Page.get_first_root_node().add_child(instance=container)
    home = _home_model()(title=name, slug=source.language_code, locale=source)
    container.add_child(instance=home)
    home.save_revision().publish()
    site = Site(hostname=hostname, port=port, site_name=name, root_page=home)
    site.full_clean()
    site.save()
    department = Department(
        code=code,
        name=name,
        slug=slug,
        container=container.page_ptr,
        collection=Collection.get_first_root_node().add_child(instance=Collection(name=name)),
        site=site,
    )
    department.full_clean()
    department.save()
    return department


def _save_if_changed(instance: Site | Department, **values: Any) -> None:
    """Save the instance if a value differs. Raise ValidationError if a value is invalid."""
    changed = {name: value for name, value in values.items() if getattr(instance, name) != value}
    if changed:
        for name, value in changed.items():
            setattr(instance, name, value)
        instance.full_clean()
        instance.save()


def _home_model() -> type[Page]:
    """Return the page type of homes. It is a setting, since this package imports no page types."""
    return apps.get_model(settings.DEPARTMENT_HOME_PAGE_MODEL)
