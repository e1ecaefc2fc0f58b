"""Translating: only the own pages, no harmful links, no publishing without the right to publish."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from wagtail.models import Locale, Page
from wagtail_localize.models import SegmentOverride, Translation

from tests.factories.users import make_user
from tests.isolation.world import make_actor, make_world


@pytest.fixture
def world(db, commits):
    with commits():
        return make_world()


@pytest.fixture
def login(client, world):
    def login(role, *codenames):
        user = make_actor(role)
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client.force_login(user)
        return client

    return login


def test_a_translator_stores_no_script_link(login, world):
    ours = world.ours
    address = reverse("wagtail_localize:edit_override", args=[ours.translation.pk, ours.overridable_segment.pk])
    client = login("translator")
    for value in ("javascript:alert(9)", "JAVASCRIPT:alert(9)"):
        assert client.put(address, f"value={value}", "application/x-www-form-urlencoded").status_code == 400
    assert not SegmentOverride.objects.exists()


@pytest.mark.parametrize(("role", "status"), [("translator", 403), ("publisher", 302)])
@pytest.mark.parametrize("name", ["stop_translation", "convert_to_alias"])
def test_only_a_publisher_stops_a_translation_or_makes_an_alias(login, world, role, status, name):
    key = world.ours.translation.pk if name == "stop_translation" else world.ours.target.pk
    response = login(role).post(reverse(f"wagtail_localize:{name}", args=[key]))
    assert response.status_code == status
    assert (Translation.objects.filter(pk=world.ours.translation.pk, enabled=True).exists()) is (role == "translator")


def test_strings_of_a_page_that_somebody_locked_stay(login, world):
    ours = world.ours
    Page.objects.filter(pk=ours.target.pk).update(locked=True, locked_by=make_user("admin", is_superuser=True))
    address = reverse("wagtail_localize:edit_string_translation", args=[ours.translation.pk, ours.string_segment.pk])
    response = login("translator").put(address, "value=Other", "application/x-www-form-urlencoded")
    assert response.status_code == 403


def test_pages_are_submitted_only_for_the_departments_languages(login, world):
    client = login("editor", "submit_translation")
    italian, finnish = Locale.objects.get(language_code="it"), Locale.objects.create(language_code="fi")
    address = reverse("wagtail_localize:submit_page_translation", args=[world.ours.page.pk])
    assert client.post(address, {"locales": [finnish.pk]}).status_code == 404
    assert client.post(address, {"locales": [italian.pk]}).status_code == 302
    made = Page.objects.get(translation_key=world.ours.page.translation_key, locale=italian)
    assert not made.live
    container = reverse("wagtail_localize:submit_page_translation", args=[world.ours.department.container_id])
    assert client.post(container, {"locales": [italian.pk]}).status_code == 404


@pytest.mark.parametrize(("role", "status"), [("editor", 403), ("publisher", 302)])
def test_synchronising_publishes_only_for_whom_may(login, world, role, status):
    client = login(role, "submit_translation")
    address = reverse("wagtail_localize:update_translations", args=[world.ours.source.pk])
    response = client.post(address, {"publish_translations": "on"})
    assert response.status_code == status
    if role == "editor":
        assert client.post(address).status_code == 302
        assert not Page.objects.get(pk=world.ours.target.pk).live
