"""Makes a department with everything it owns; run again, completes what is missing and changes nothing else."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Locale, Page, Site

from .models import Department, DepartmentContainerPage, DepartmentGroup, DepartmentLocale
from .roles import MEDIA_TYPES, ROLES, Role, group_name


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
    """Make (or complete) a department: locales, collection, container, one home for each locale, site, groups.

    `locales` are language codes, `source` is one of them; `details` are further fields of Department (contact,
    colours). Raises ValidationError, naming the field, for a value that the models refuse; nothing is then made.
    """
    _check_languages(locales, source)
    locale_rows = {code_: Locale.objects.get_or_create(language_code=code_)[0] for code_ in locales}
    department = Department.objects.filter(code=code).select_related("site", "container", "collection").first()
    if department is None:
        department = _make(code, name, slug, hostname, port, locale_rows[source])
    _update(department.site, hostname=hostname, port=port, site_name=name)
    _update(department, name=name, **details)
    for language_code, locale in locale_rows.items():
        DepartmentLocale.objects.get_or_create(
            department=department, locale=locale, defaults={"is_source": language_code == source}
        )
        _ensure_home(department, locale)
    _ensure_groups(department)
    return department


def _check_languages(locales: list[str], source: str) -> None:
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


def _make(code: str, name: str, slug: str, hostname: str, port: int, source: Locale) -> Department:
    container = DepartmentContainerPage(title=name, slug=slug, locale=source)
    Page.get_first_root_node().add_child(instance=container)
    home = _home_model()(title=name, slug=source.language_code, locale=source)
    container.add_child(instance=home)
    home.save_revision().publish()
    department = Department(
        code=code,
        name=name,
        slug=slug,
        container=container.page_ptr,
        collection=Collection.get_first_root_node().add_child(instance=Collection(name=name)),
        site=Site.objects.create(hostname=hostname, port=port, site_name=name, root_page=home),
    )
    department.full_clean()
    department.save()
    return department


def _ensure_home(department: Department, locale: Locale) -> None:
    """Make the home of a locale beside the source home, with its translation key, unless it is there."""
    source_home = department.site.root_page.specific
    if source_home.has_translation(locale) or source_home.locale_id == locale.pk:
        return
    home = _home_model()(
        title=source_home.title,
        slug=locale.language_code,
        locale=locale,
        translation_key=source_home.translation_key,
    )
    Page.objects.get(pk=department.container_id).add_child(instance=home)
    home.save_revision().publish()


def _ensure_groups(department: Department) -> None:
    source_home = department.site.root_page
    for role in ROLES:
        if role.for_each_locale:
            for home in source_home.get_translations().select_related("locale"):
                _ensure_group(department, role, home, home.locale)
        else:
            _ensure_group(department, role, department.container)


def _ensure_group(department: Department, role: Role, page: Page, locale: Locale | None = None) -> None:
    row = DepartmentGroup.objects.filter(department=department, role=role.key, locale=locale).first()
    if row is None:
        name = group_name(department.slug, role, locale.language_code if locale else "")
        group, _created = Group.objects.get_or_create(name=name)
        DepartmentGroup.objects.create(group=group, department=department, role=role.key, locale=locale)
    else:
        group = row.group
    group.permissions.add(Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin"))
    for verb in role.page_permissions:
        permission = Permission.objects.get(content_type__app_label="wagtailcore", codename=f"{verb}_page")
        GroupPagePermission.objects.get_or_create(group=group, page=page, permission=permission)
    verbs = dict.fromkeys(MEDIA_TYPES, role.media_permissions) | {"wagtailcore.collection": role.collection_permissions}
    for media_type in verbs:
        app_label, model_name = media_type.split(".")
        for verb in verbs[media_type]:
            permission = Permission.objects.get(content_type__app_label=app_label, codename=f"{verb}_{model_name}")
            GroupCollectionPermission.objects.get_or_create(
                group=group, collection=department.collection, permission=permission
            )


def _update(instance: Site | Department, **values: Any) -> None:
    """Save the instance if any of the values differs; raises ValidationError for a value that it refuses."""
    changed = {name: value for name, value in values.items() if getattr(instance, name) != value}
    if changed:
        for name, value in changed.items():
            setattr(instance, name, value)
        instance.full_clean()
        instance.save()


def _home_model() -> type[Page]:
    """The page type of homes; a setting, since this package imports no page types."""
    return apps.get_model(settings.DEPARTMENT_HOME_PAGE_MODEL)
