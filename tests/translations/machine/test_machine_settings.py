"""The screen on which a department chooses services and stores keys, which nobody reads again."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from wagtail.models import ModelLogEntry

from cms.encryption import InvalidToken, decrypt
from cms.translations.machine.bounded_requests import MachineServiceError
from cms.translations.machine.service_keys import key_for, store_key
from cms.translations.machine.services import SERVICES
from cms.translations.models import MachineKey, MachineLanguage
from tests.factories.departments import make_department
from tests.factories.users import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

KEY = "s3cret-key-of-a-department"
SCREEN = reverse("machine_settings")
DEEPL = SERVICES["deepl"]


@pytest.fixture
def language(department, english):
    return f"language-{department.department_locales.get(locale=english).pk}"


@pytest.fixture
def administrator(client, server, department):
    client.force_login(make_user("administrator", groups=["allier:administrator"]))
    return client


def test_a_service_and_a_key_are_stored_and_the_key_is_not_shown_again(administrator, language, department):
    answer = administrator.post(SCREEN, {language: "deepl", "key-deepl": KEY}, follow=True)
    assert MachineLanguage.objects.get().service == "deepl"
    row = MachineKey.objects.get()
    assert KEY not in row.encrypted_key
    assert key_for(department.pk, DEEPL) == KEY
    screens = (answer, administrator.get(SCREEN), administrator.post(SCREEN, {language: "x", "key-deepl": KEY}))
    assert all(KEY not in screen.content.decode() for screen in screens)
    entry = ModelLogEntry.objects.get(action="translations.machine_settings")
    assert (entry.data, KEY in json.dumps(entry.data)) == ({"en": "deepl", "key of deepl": "stored"}, False)
    administrator.post(SCREEN, {language: "deepl"})
    assert key_for(department.pk, DEEPL) == KEY, "an empty field keeps it"
    administrator.post(SCREEN, {language: "", "removed-deepl": "1"})
    assert [*MachineKey.objects.all(), *MachineLanguage.objects.all()] == []


@pytest.mark.parametrize(
    "form",
    [
        {"service": "deepl"},
        {"service": "deepl", "key-deepl": "with space"},
        {"service": "deepl", "key-deepl": "line\nbreak"},
        {"service": "google"},
        {"service": "http://127.0.0.1/"},
        {"service": "libretranslate", "key-libretranslate": "x" * 9_000},
    ],
)
def test_a_service_without_its_key_and_an_unknown_one_are_refused(administrator, language, form):
    data = {language if name == "service" else name: value for name, value in form.items()}
    answer = administrator.post(SCREEN, data)
    assert answer.status_code == 200
    assert [*MachineKey.objects.all(), *MachineLanguage.objects.all()] == []


def test_a_department_names_no_url(administrator, language, server):
    """The URL of a service is a setting of the instance: no field holds one."""
    form = administrator.get(SCREEN).context["form"]
    assert set(form.fields) == {language, "key-libretranslate", "key-deepl"}


@pytest.mark.parametrize("role", ["publisher", "editor", "translator:en", "reviewer:en"])
def test_only_its_administrators_open_the_screen(client, server, department, role):
    client.force_login(make_user("member", groups=[f"allier:{role}"]))
    assert client.get(SCREEN).status_code in (403, 404)
    assert client.post(SCREEN, {"key-deepl": KEY}).status_code in (403, 404)
    assert not MachineKey.objects.exists()


def test_the_screen_and_its_menu_entry_exist_only_where_the_instance_offers_a_service(administrator, settings):
    home = reverse("wagtailadmin_home")
    assert SCREEN in administrator.get(home).content.decode()
    settings.MACHINE_TRANSLATION["services"] = []
    assert SCREEN not in administrator.get(home).content.decode()
    assert administrator.get(SCREEN).status_code == 404


def test_a_key_cannot_be_read_in_the_row_of_another_department(server, department):
    store_key(department, DEEPL, KEY)
    other = make_department("isere", locales=("fr", "en"))
    copied = MachineKey.objects.create(
        department=other, service="deepl", encrypted_key=MachineKey.objects.get().encrypted_key
    )
    with pytest.raises(MachineServiceError):
        key_for(other.pk, DEEPL)
    with pytest.raises(InvalidToken):
        decrypt(copied.encrypted_key, "totp")


def test_keys_are_encrypted_again_after_a_change_of_the_secret_key(server, department, settings):
    store_key(department, DEEPL, KEY)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "n" * 60
    out = StringIO()
    call_command("encrypt_secrets", stdout=out)
    assert "1 secrets encrypted again, 0 cannot be read" in out.getvalue()
    settings.SECRET_KEY_FALLBACKS = []
    assert key_for(department.pk, DEEPL) == KEY


def test_the_settings_of_the_instance_name_what_is_missing():
    from django.core.exceptions import ImproperlyConfigured

    from cms.settings.environment import Environment
    from cms.settings.machine_translation import machine_translation

    url = {"LIBRETRANSLATE_URL": "https://translate.example.org/"}
    found = machine_translation(Environment({"MACHINE_TRANSLATORS": "libretranslate", "DEEPL_KEY": "k", **url}))
    assert (found["services"], found["libretranslate_url"], found["keys"]["deepl"]) == (
        ["libretranslate"], "https://translate.example.org", "k",
    )  # fmt: skip
    assert machine_translation(Environment({}))["services"] == []
    for wrong in ("libretranslate", "google", "bing"):
        with pytest.raises(ImproperlyConfigured):
            machine_translation(Environment({"MACHINE_TRANSLATORS": wrong}))
