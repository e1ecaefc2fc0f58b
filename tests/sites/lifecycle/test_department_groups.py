"""Groups have exactly the permissions that the table of roles declares."""

import pytest
from django.contrib.auth.models import Group, Permission
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, GroupSitePermission, Page

from sites.models import DepartmentGroup
from sites.roles import ROLES_BY_KEY
from tests.factories.departments import make_department
from tests.factories.pages import home_of

pytestmark = pytest.mark.django_db


def permission(name):
    app_label, codename = name.split(".")
    return Permission.objects.get(content_type__app_label=app_label, codename=codename)


def rows(model, group, target):
    found = model.objects.filter(group=group)
    return sorted(found.values_list("permission__content_type__app_label", "permission__codename", f"{target}_id"))


def test_every_group_has_exactly_the_permissions_of_its_role():
    departments = [make_department("allier", locales=("fr", "en", "it")), make_department("isere", source="en")]
    checked = 0
    for row in DepartmentGroup.objects.select_related("group", "department", "locale"):
        role, department = ROLES_BY_KEY[row.role], row.department
        page = home_of(department, row.locale.language_code) if row.locale else department.container
        on_pages = [("wagtailcore", f"{verb}_page", page.pk) for verb in role.page_permissions]
        collection = department.collection_id
        on_collections = [
            (app, f"{verb}_{model}", collection)
            for app, model in (("wagtailimages", "image"), ("wagtaildocs", "document"))
            for verb in role.media_permissions
        ] + [("wagtailcore", f"{verb}_collection", collection) for verb in role.collection_permissions]
        assert rows(GroupPagePermission, row.group, "page") == sorted(on_pages), row
        assert rows(GroupCollectionPermission, row.group, "collection") == sorted(on_collections), row
        assert rows(GroupSitePermission, row.group, "site") == [], row
        assert [each.codename for each in row.group.permissions.all()] == ["access_admin"], row
        checked += 1
    # Each department has five roles, and two more for each language except the source language.
    assert checked == 2 * 5 + 2 * 2 + 2 * 1
    assert len(departments) == 2


def test_provisioning_again_removes_excess_permissions():
    department = make_department("allier", code="03")
    group = Group.objects.get(name="allier:editor")
    group.permissions.add(permission("users.change_user"), permission("wagtailcore.add_apitoken"))
    root = Page.objects.get(depth=1)
    GroupPagePermission.objects.create(group=group, page=root, permission=permission("wagtailcore.publish_page"))
    own = {"group": group, "page": department.container}
    GroupPagePermission.objects.create(**own, permission=permission("wagtailcore.publish_page"))
    everything = {"group": group, "collection": Collection.objects.get(depth=1)}
    GroupCollectionPermission.objects.create(**everything, permission=permission("wagtailimages.change_image"))
    GroupSitePermission.objects.create(
        group=group, site=department.site, permission=permission("wagtailcore.change_site")
    )
    other = Group.objects.create(name="theirs")
    other.permissions.add(permission("users.change_user"))

    make_department("allier", code="03")

    assert rows(GroupPagePermission, group, "page") == [
        ("wagtailcore", f"{verb}_page", department.container_id) for verb in ("add", "change")
    ]
    assert {pk for *_permission, pk in rows(GroupCollectionPermission, group, "collection")} == {
        department.collection_id
    }
    assert not GroupSitePermission.objects.exists()
    assert [each.codename for each in group.permissions.all()] == ["access_admin"]
    assert other.permissions.exists()


def test_added_language_gets_groups_and_members_keep_theirs():
    make_department("allier", code="03", locales=("fr", "en"))
    translator = Group.objects.get(name="allier:translator:en")
    make_department("allier", code="03", locales=("fr", "en", "it"))
    assert Group.objects.filter(name__in=["allier:translator:it", "allier:reviewer:it"]).count() == 2
    assert Group.objects.get(name="allier:translator:en") == translator
    assert Group.objects.get(name="allier:translator:it").department_group.title == "Traduction (Italien)"
