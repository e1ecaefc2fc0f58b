"""Groups of a department: required permissions, existing permissions, and the synchronisation of both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission
from wagtail.models import (
    GroupCollectionPermission,
    GroupPagePermission,
    GroupSitePermission,
    Locale,
    Page,
)

from sites.access.ownership import home_pages_of
from sites.models import Department, DepartmentGroup
from sites.roles import MEDIA_TYPES, ROLES, Role, group_name

LOGIN = "wagtailadmin.access_admin"


@dataclass(frozen=True, order=True)
class Grant:
    """A permission (`wagtailimages.add_image`) on a page, a collection or a site, or on a whole model."""

    permission: str
    target: str = ""
    pk: int = 0

    def __str__(self) -> str:
        return f"{self.permission} on {self.target} {self.pk}" if self.target else self.permission


@dataclass(frozen=True)
class GroupSpecification:
    """A role in a department, and its language if the role exists per language. Permissions start at `page`."""

    role: Role
    page: Page
    locale: Locale | None = None

    def grants(self, department: Department) -> set[Grant]:
        """Return all permissions of the role's group. A suspended department grants only access to the admin."""
        collection = department.collection_id
        required = {Grant(LOGIN)}
        if department.suspended_at is not None:
            return required
        required |= {Grant(f"wagtailcore.{verb}_page", "page", self.page.pk) for verb in self.role.page_permissions}
        verbs = dict.fromkeys(MEDIA_TYPES, self.role.media_permissions)
        verbs["wagtailcore.collection"] = self.role.collection_permissions
        for media_type, allowed in verbs.items():
            app_label, model_name = media_type.split(".")
            required |= {Grant(f"{app_label}.{verb}_{model_name}", "collection", collection) for verb in allowed}
        return required


def group_specifications(department: Department) -> Iterator[GroupSpecification]:
    """Yield each role for which the department needs a group. Languages without a home page are skipped."""
    targets = department.department_locales.filter(is_source=False).values("locale")
    translated = (
        home_pages_of(department).filter(locale__in=targets).select_related("locale").order_by("locale__language_code")
    )
    for role in ROLES:
        if role.for_each_locale:
            yield from (GroupSpecification(role, home, home.locale) for home in translated)
        else:
            yield GroupSpecification(role, department.container)


def existing_group(department: Department, specification: GroupSpecification) -> Group | None:
    """Return the existing group of the role, or None."""
    return Group.objects.filter(
        department_group__department=department,
        department_group__role=specification.role.key,
        department_group__locale=specification.locale,
    ).first()


def grants_of(group: Group) -> set[Grant]:
    """Return all permissions that the group has."""
    model_permissions = group.permissions.values_list("content_type__app_label", "codename")
    grants = {Grant(f"{app}.{code}") for app, code in model_permissions}
    for model, target in TARGET_FIELDS.items():
        rows = model.objects.filter(group=group)
        rows = rows.values_list("permission__content_type__app_label", "permission__codename", target)
        grants |= {Grant(f"{app}.{code}", target, pk) for app, code, pk in rows}
    return grants


TARGET_FIELDS = {GroupPagePermission: "page", GroupCollectionPermission: "collection", GroupSitePermission: "site"}
PERMISSION_MODELS = {target: model for model, target in TARGET_FIELDS.items()}


def ensure_groups(department: Department) -> None:
    """Create missing groups, and give each group exactly the permissions of its role."""
    for specification in group_specifications(department):
        group = existing_group(department, specification) or _create_group(department, specification)
        required, existing = specification.grants(department), grants_of(group)
        for grant in required - existing:
            _change_grant(group, grant, add=True)
        for grant in existing - required:
            _change_grant(group, grant, add=False)


def _create_group(department: Department, specification: GroupSpecification) -> Group:
    name = group_name(
        department.slug, specification.role, specification.locale.language_code if specification.locale else ""
    )
    group, _created = Group.objects.get_or_create(name=name)
    DepartmentGroup.objects.update_or_create(
        group=group, defaults={"department": department, "role": specification.role.key, "locale": specification.locale}
    )
    return group


def _change_grant(group: Group, grant: Grant, *, add: bool) -> None:
    app_label, codename = grant.permission.split(".")
    # Codenames are not unique within an app: a proxy model has those of its concrete model.
    permissions = Permission.objects.filter(content_type__app_label=app_label, codename=codename)
    if not grant.target:
        (group.permissions.add if add else group.permissions.remove)(*permissions)
    elif add:
        PERMISSION_MODELS[grant.target].objects.create(
            group=group, permission=permissions.get(), **{f"{grant.target}_id": grant.pk}
        )
    else:
        PERMISSION_MODELS[grant.target].objects.filter(
            group=group, permission__in=permissions, **{f"{grant.target}_id": grant.pk}
        ).delete()
