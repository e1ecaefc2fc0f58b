"""A member of two departments sees the lists of the current one and can still open objects of both."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from wagtail.models import Page

from cms.media.models import CustomImage
from cms.pages.models import StandardPage
from sites.access.current_department import current_department, set_current_department
from tests.factories.departments import make_department
from tests.factories.media import ImageFactory, png
from tests.factories.pages import home_of, make_page, make_section
from tests.factories.users import PASSWORD, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

EXPLORER = reverse("wagtailadmin_explore_root")
IMAGE = {"description": "A picture", "credit": "", "consent": "", "tags": ""}


@pytest.fixture
def allier():
    return make_department("allier", code="03", locales=("fr", "it"))


@pytest.fixture
def isere():
    return make_department("isere", code="38")


@pytest.fixture
def both(client, allier, isere):
    """A client of a publisher in both departments."""
    client.force_login(make_user("both", groups=["allier:publisher", "isere:publisher"]))
    return client


def switch(client, department):
    key = getattr(department, "pk", department)
    return client.post(reverse("department_switch"), {"department": key}, follow=True)


def picture():
    return SimpleUploadedFile("picture.png", png(), "image/png")


def explored(client):
    """Return the key of the page at which the explorer starts."""
    response = client.get(EXPLORER)
    return response.url.rstrip("/").rpartition("/")[2] if response.status_code == 302 else "root"


def test_switch_changes_explorer_lists_choosers_and_form_choices(both, allier, isere):
    for department in (allier, isere):
        ImageFactory(title=f"Image of {department.slug}", collection=department.collection)
        make_page(StandardPage, department, title=f"Events of {department.slug}")
    for here, there in ((isere, allier), (allier, isere)):
        switch(both, here)
        assert explored(both) == str(here.container_id)
        for name in ("wagtailimages:index", "wagtailimages_chooser:choose", "wagtailadmin_api:images:listing"):
            body = both.get(reverse(name)).content.decode()
            assert f"Image of {here.slug}" in body, name
            assert f"Image of {there.slug}" not in body, name
        found = both.get(reverse("wagtailadmin_pages:search"), {"q": "Events"}).content.decode()
        assert f"Events of {here.slug}" in found
        assert f"Events of {there.slug}" not in found
        listed = both.get(reverse("wagtailadmin_api:pages:listing")).json()["items"]
        assert {Page.objects.get(pk=item["id"]).path[:8] for item in listed} == {here.container.path}


def test_new_objects_belong_to_the_current_department(both, allier, isere):
    for department in (isere, allier):
        switch(both, department)
        assert "collection" not in both.get(reverse("wagtailimages:add")).context["form"].fields
        response = both.post(reverse("wagtailimages:add"), IMAGE | {"title": department.slug, "file": picture()})
        assert response.status_code == 302, response.context["form"].errors
        assert CustomImage.objects.get(title=department.slug).collection == department.collection


def test_opening_a_link_of_another_department_makes_it_current(both, allier, isere):
    switch(both, allier)
    page = make_section(isere, "event")
    assert both.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).status_code == 200
    assert explored(both) == str(isere.container_id)

    image = ImageFactory(title="Image", collection=allier.collection)
    assert both.get(reverse("wagtailimages:edit", args=[image.pk])).status_code == 200
    assert explored(both) == str(allier.container_id)


@pytest.mark.parametrize("headers", [{"X-Requested-With": "XMLHttpRequest"}, {"Sec-Fetch-Dest": "iframe"}])
def test_script_and_frame_requests_keep_the_current_department(both, allier, isere, headers):
    switch(both, allier)
    page = make_section(isere, "event")
    assert both.get(reverse("wagtailadmin_pages:edit", args=[page.pk]), headers=headers).status_code == 200
    assert explored(both) == str(allier.container_id)


@pytest.mark.parametrize("names_its_collection", [False, True])
def test_form_opened_before_the_switch_is_accepted(both, allier, isere, names_its_collection):
    """With two open tabs, a submitted form is checked against the user's permissions, not the current department."""
    image = ImageFactory(title="Before", collection=allier.collection)
    switch(both, isere)
    data = IMAGE | {"title": "After"} | ({"collection": allier.collection_id} if names_its_collection else {})
    response = both.post(reverse("wagtailimages:edit", args=[image.pk]), data)
    assert response.status_code == 302, response.context["form"].errors
    image.refresh_from_db()
    assert (image.title, image.collection) == ("After", allier.collection)
    assert explored(both) == str(isere.container_id)


def test_current_department_defaults_to_the_last_edited_one(client, allier, isere):
    user = make_user("both", groups=["allier:publisher", "isere:publisher"])
    client.force_login(user)
    assert explored(client) == str(allier.container_id)  # The default is the first department by code.
    home_of(isere).save_revision(user=user, log_action=True)
    assert explored(client) == str(allier.container_id)  # The choice holds until the next login.
    client.post(reverse("wagtailadmin_login"), {"username": "both", "password": PASSWORD})
    assert explored(client) == str(isere.container_id)


def test_switch_to_a_foreign_department_is_refused(client, allier, isere):
    client.force_login(make_user("one", groups=["allier:publisher"]))
    for wrong in (isere.pk, "all", "", "x", "²"):
        assert switch(client, wrong).status_code == 404
    assert explored(client) == str(allier.container_id)
    assert client.get(reverse("department_switch")).status_code == 405


def test_member_of_one_department_sees_its_name_and_no_switch(client, allier):
    client.force_login(make_user("one", groups=["allier:publisher"]))
    page = client.get(reverse("wagtailadmin_home")).content.decode()
    assert '<strong class="department-bar__name">Allier (03)</strong>' in page
    assert "department-switch" not in page


def test_superuser_selects_all_departments_or_one(client, allier, isere):
    client.force_login(make_user("root", is_superuser=True))
    assert explored(client) == "root"
    switch(client, isere)
    assert explored(client) == str(isere.container_id)
    page = make_section(allier, "event")
    assert client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).status_code == 200
    assert explored(client) == str(allier.container_id)
    switch(client, "all")
    assert explored(client) == "root"


def test_a_request_reads_the_choice_of_a_superuser_once(rf, allier, isere, django_assert_num_queries):
    request = rf.get("/")
    request.user = make_user("root", is_superuser=True)
    for department in (allier, isere):
        set_current_department(request, department)
        with django_assert_num_queries(1):
            assert [current_department(request) for _time in range(3)] == [department] * 3


def test_the_container_shows_the_homes_with_their_languages_and_offers_nothing_else(client, allier):
    user = make_user("one", groups=["allier:administrator"])
    client.force_login(user)
    page = client.get(reverse("wagtailadmin_explore", args=[allier.container_id])).content.decode()
    assert "Allier – français" in page
    assert "Allier – italien" in page
    assert reverse("wagtailadmin_pages:add_subpage", args=[allier.container_id]) not in page
    for name in ("delete", "move", "copy", "unpublish", "edit", "history"):
        url = reverse(f"wagtailadmin_pages:{name}", args=[allier.container_id])
        assert url not in page, name
        assert client.post(url).status_code != 200, name
    assert "help-warning" not in page
    assert Page.objects.filter(pk=allier.container_id, live=True).exists()
