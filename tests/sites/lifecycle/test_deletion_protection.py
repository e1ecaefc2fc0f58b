"""Tests that nobody can delete, move or rename the objects that a department needs, in any screen of the admin."""

import datetime

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Collection, Locale, Page, Site

from cms.delivery.models import PublishedDocument
from cms.pages.models import DepartmentHomePage, StandardPage
from sites.lifecycle.deletion_protection import retirement
from sites.models import Department, DepartmentGroup, DepartmentLocale
from tests.factories.departments import make_department
from tests.factories.pages import home_of, make_page
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def department():
    return make_department("allier")


@pytest.fixture
def superuser(client):
    user = make_user("admin", is_superuser=True)
    client.force_login(user)
    return user


def parts(department):
    """Return the objects that a department needs."""
    return {
        "container": Page.objects.get(pk=department.container_id),
        "home": home_of(department, "en"),
        "source home": home_of(department, "fr"),
        "site": department.site,
        "collection": department.collection,
        "group": Group.objects.get(name="allier:editor"),
        "department": department,
        "group row": DepartmentGroup.objects.get(group__name="allier:editor"),
        "language": DepartmentLocale.objects.get(department=department, locale__language_code="en"),
        "locale": Locale.objects.get(language_code="en"),
    }


def messages_of(response):
    """Return the messages that the user sees after the response."""
    return " ".join(str(message) for message in response.context["messages"])


@pytest.mark.parametrize("name", [
    "container", "home", "source home", "site", "collection", "group", "department", "group row", "language", "locale",
])  # fmt: skip
def test_part_of_an_active_department_is_not_deleted(department, name):
    part = parts(department)[name]
    with pytest.raises(ProtectedError), transaction.atomic():
        part.delete()
    with pytest.raises(ProtectedError), transaction.atomic():
        type(part)._default_manager.filter(pk=part.pk).delete()
    assert type(part)._default_manager.filter(pk=part.pk).exists()


def test_only_the_retiring_department_can_be_deleted(department):
    other = make_department("isere")
    with retirement(department):
        site, collection, container = department.site, department.collection, department.container
        Group.objects.filter(department_group__department=department).delete()
        department.delete()
        site.delete()
        collection.delete()
        container.delete()
        with pytest.raises(ProtectedError), transaction.atomic():
            other.delete()
    assert list(Department.objects.all()) == [other]
    assert not Page.objects.filter(url_path__startswith="/allier/").exists()
    with pytest.raises(ProtectedError):
        other.delete()


def test_other_pages_of_the_department_are_deleted_and_moved(department):
    parent = make_page(StandardPage, department, title="Ancienne")
    page = make_page(StandardPage, department, title="Autre")
    page.move(parent, "last-child")
    Page.objects.get(pk=parent.pk).delete()
    assert not Page.objects.filter(title__in=["Ancienne", "Autre"]).exists()


def test_home_in_a_foreign_language_can_be_deleted(department):
    italian, _created = Locale.objects.get_or_create(language_code="it")
    home = home_of(department)
    italian_home = DepartmentHomePage(title="Allier", slug="it", locale=italian, translation_key=home.translation_key)
    department.container.add_child(instance=italian_home)
    italian_home.delete()
    assert not Page.objects.filter(locale=italian).exists()


@pytest.mark.parametrize("name", ["home", "source home"])
def test_the_admin_says_why_a_page_is_not_deleted(department, client, superuser, name):
    page = parts(department)[name]
    listing = reverse("wagtailadmin_explore", args=[page.get_parent().pk])
    url = reverse("wagtailadmin_pages:delete", args=[page.pk])
    for ask in (client.get, client.post):
        response = ask(url, headers={"referer": f"http://testserver{listing}"}, follow=True)
        assert response.redirect_chain == [(listing, 302)]
        assert "Allier (" in messages_of(response)
    assert Page.objects.filter(pk=page.pk).exists()


def test_a_container_is_not_deleted_by_the_admin(department, client, superuser):
    url = reverse("wagtailadmin_pages:delete", args=[department.container_id])
    for ask in (client.get, client.post):
        assert messages_of(ask(url, follow=True))
    assert Page.objects.filter(pk=department.container_id).exists()


def test_refusal_never_redirects_to_the_refused_url(department, client, superuser):
    url = reverse("wagtailadmin_pages:delete", args=[home_of(department).pk])
    response = client.get(url, headers={"referer": f"http://testserver{url}"})
    assert response.url == reverse("wagtailadmin_home")


@pytest.mark.parametrize(("name", "url_name"), [
    ("site", "wagtailsites:delete"),
    ("group", "wagtailusers_groups:delete"),
    ("locale", "wagtaillocales:delete"),
])  # fmt: skip
def test_the_admin_says_why_another_part_is_not_deleted(department, client, superuser, name, url_name):
    part = parts(department)[name]
    response = client.post(reverse(url_name, args=[part.pk]), follow=True)
    assert response.status_code == 200
    assert messages_of(response)
    assert type(part)._default_manager.filter(pk=part.pk).exists()


def test_the_admin_says_what_a_departments_collection_holds_and_deletes_nothing(department, client, superuser):
    url = reverse("wagtailadmin_collections:delete", args=[department.collection_id])
    assert "1 département" in client.get(url).content.decode()
    assert "1 département" in client.post(url).content.decode()
    assert Collection.objects.filter(pk=department.collection_id).exists()


@pytest.mark.parametrize("action", ["delete", "move"])
def test_bulk_action_with_a_home_changes_nothing(department, client, superuser, action):
    other = make_page(StandardPage, department, title="Autre")
    isere = home_of(make_department("isere"))
    pages = [other.pk, home_of(department, "en").pk]
    query = "&".join(f"id={pk}" for pk in pages)
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", action])
    before = list(Page.objects.order_by("path").values_list("path", "slug"))
    response = client.post(f"{url}?{query}", {"chooser": isere.get_parent().pk}, follow=True)
    assert response.status_code == 200
    assert list(Page.objects.order_by("path").values_list("path", "slug")) == before


def test_admin_api_returns_the_reason(department, client, superuser):
    page = home_of(department)
    url = reverse("wagtailadmin_api:pages:action", args=[page.pk, "delete"])
    response = client.post(url, {}, "application/json")
    assert response.status_code == 409
    assert "Allier (" in response.json()["message"]
    assert Page.objects.filter(pk=page.pk).exists()
    # No user gets a link to delete a container.
    url = reverse("wagtailadmin_api:pages:action", args=[department.container_id, "delete"])
    assert client.post(url, {}, "application/json").status_code == 403
    assert Page.objects.filter(pk=department.container_id).exists()
    home = home_of(department, "en")
    url = reverse("wagtailadmin_api:pages:action", args=[home.pk, "move"])
    french = make_department("isere", locales=("fr",))
    response = client.post(url, {"destination_page_id": french.container_id}, "application/json")
    assert response.status_code in (400, 403)
    assert Page.objects.get(pk=home.pk).path == home.path


def test_a_home_and_a_container_are_not_moved(department, client, superuser):
    isere = make_department("isere")
    free = make_page(StandardPage, isere)
    for page, target in ((home_of(department, "en"), free), (department.container, free)):
        with pytest.raises(ValidationError):
            page.move(target, "last-child")
        url = reverse("wagtailadmin_pages:move_confirm", args=[page.pk, target.pk])
        for ask in (client.get, client.post):
            assert "Allier (" in messages_of(ask(url, follow=True))
        assert Page.objects.get(pk=page.pk).path == page.path


def test_homes_may_change_their_order(department):
    english = home_of(department, "en")
    english.move(home_of(department, "fr"), "left")
    assert Page.objects.get(pk=english.pk).get_prev_sibling() is None


@pytest.mark.parametrize("name", ["container", "home", "source home"])
def test_slugs_of_containers_and_homes_cannot_change(department, name):
    page = parts(department)[name].specific
    page.slug = "autre"
    with pytest.raises(ValidationError) as refusal:
        page.save()
    assert "slug" in refusal.value.message_dict
    page.refresh_from_db()
    page.title = "Autre titre"
    page.save()


def test_slug_of_a_home_is_no_translation_segment(department):
    names = {field.field_name for field in home_of(department).translatable_fields}
    assert "title" in names
    assert "slug" not in names


@pytest.mark.parametrize("name", ["home", "source home"])
@pytest.mark.parametrize("is_specific", [True, False])
def test_home_cannot_be_unpublished(department, name, is_specific):
    page = Page.objects.get(pk=parts(department)[name].pk)
    page = page.specific if is_specific else page
    with pytest.raises(ValidationError, match="Allier"), transaction.atomic():
        page.unpublish()
    page.live = False
    with pytest.raises(ValidationError, match="Allier"):
        page.save()
    page = Page.objects.get(pk=page.pk)
    assert page.live
    with retirement(department):
        page.unpublish()
    page = Page.objects.get(pk=page.pk).specific
    assert not page.live
    page.save()  # Unchanged, so nothing is withdrawn.
    page.save_revision().publish()
    assert Page.objects.get(pk=page.pk).live


def test_other_pages_can_be_unpublished(department):
    page = make_page(StandardPage, department)
    page.unpublish()
    assert not Page.objects.get(pk=page.pk).live


@pytest.mark.parametrize("name", ["home", "source home"])
def test_admin_shows_why_a_home_cannot_be_unpublished(department, client, superuser, name):
    page, other = parts(department)[name], make_page(StandardPage, department)
    response = client.post(reverse("wagtailadmin_pages:unpublish", args=[page.pk]), follow=True)
    assert "Allier (" in messages_of(response)
    bulk = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "unpublish"])
    response = client.post(f"{bulk}?id={other.pk}&id={page.pk}", {"include_descendants": ""}, follow=True)
    assert "Allier (" in messages_of(response)
    api = reverse("wagtailadmin_api:pages:action", args=[page.pk, "unpublish"])
    response = client.post(api, {}, "application/json")
    assert response.status_code == 400
    assert "Allier (" in response.content.decode()
    assert not Page.objects.filter(pk__in=[page.pk, other.pk], live=False).exists()


def test_home_cannot_be_scheduled(department):
    page = home_of(department, "en").specific
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    page.expire_at = tomorrow
    for save in (page.full_clean, page.save, lambda: page.save(clean=False), page.save_revision):
        with pytest.raises(ValidationError) as refusal:
            save()
        assert "expire_at" in refusal.value.message_dict
    assert Page.objects.get(pk=page.pk).expire_at is None
    # A later version may be scheduled: the public version stays until then.
    page.expire_at, page.go_live_at = None, tomorrow
    page.save_revision().publish()
    assert Page.objects.get(pk=page.pk).live


def test_a_site_keeps_its_source_home(department, client, superuser):
    site = department.site
    fields = {"hostname": site.hostname, "port": site.port, "site_name": "Allier", "is_default_site": ""}
    page = make_page(StandardPage, department)
    for root in (home_of(department, "en"), page):
        response = client.post(
            reverse("wagtailsites:edit", args=[site.pk]), fields | {"root_page": root.pk}, follow=True
        )
        assert "Allier (" in messages_of(response)
        assert Site.objects.get(pk=site.pk).root_page_id == site.root_page_id
    fields |= {"root_page": site.root_page_id, "site_name": "Autre nom"}
    client.post(reverse("wagtailsites:edit", args=[site.pk]), fields)
    assert Site.objects.get(pk=site.pk).site_name == "Autre nom"


def test_collections_and_groups_without_a_department_can_be_deleted():
    collection = Collection.get_first_root_node().add_child(instance=Collection(name="libre"))
    group = Group.objects.create(name="libre")
    collection.delete()
    group.delete()
    assert not PublishedDocument.objects.exists()
    assert not Group.objects.filter(name="libre").exists()
