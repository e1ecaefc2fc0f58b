"""Tests of the login and account screens: their labels in French, and the time zones that they offer."""

import zoneinfo

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

# Labels of Wagtail that are the same words in both languages.
SAME_IN_FRENCH = {"Date"}


def labels(page):
    found = [label.get_text(" ", strip=True).rstrip("* ") for label in BeautifulSoup(page, "html.parser")("label")]
    return [label for label in found if label]


@pytest.mark.parametrize("name", ["wagtailadmin_login", "wagtailadmin_password_reset"])
def test_no_label_without_a_login_is_english(client, name):
    """Generated: each label differs from that of the same screen in English."""
    french = labels(client.get(reverse(name)).content)
    with override("en"):
        english = labels(client.get(reverse(name)).content)
    assert french
    assert set(french) & set(english) - SAME_IN_FRENCH == set()


def test_the_login_screen_names_the_password_in_french(client):
    assert "Mot de passe" in labels(client.get(reverse("wagtailadmin_login")).content)


def test_the_account_screen_offers_time_zones_that_browsers_know(client, member):
    """Debian has a file `localtime`, for which the script of the screen fails."""
    client.force_login(member)
    page = BeautifulSoup(client.get(reverse("wagtailadmin_account")).content, "html.parser")
    offered = {option["value"] for option in page.select("select[name=locale-current_time_zone] option")} - {""}
    assert offered == set(settings.WAGTAIL_USER_TIME_ZONES)
    assert {"Europe/Paris", "Indian/Reunion", "America/Martinique", "UTC"} <= offered
    assert offered.isdisjoint({"localtime", "Factory", "posixrules"})
    assert all(zoneinfo.ZoneInfo(name).key == name for name in offered)
