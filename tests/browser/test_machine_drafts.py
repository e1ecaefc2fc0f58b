"""Machine drafts as people use them: an administrator chooses a service, a translator has a page drafted and checks it.

The service is a local server with LibreTranslate's protocol; the background task is the product's own.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import transaction
from django.urls import reverse
from playwright.sync_api import expect
from wagtail.models import Locale
from wagtail_localize.models import Translation, TranslationSource

from cms.pages.models import StandardPage
from tests.factories.pages import home_of, make_page
from tests.translations.machine.libretranslate import running_server

from .test_accessibility import RULES

pytestmark = pytest.mark.browser

SENTENCES = ("Un repas chaud par jour.", "Ouvert le lundi.", "Fermé en août.")
CORRECTED = "Closed in August."


@pytest.fixture
def service(settings):
    with running_server() as server:
        settings.MACHINE_TRANSLATION = settings.MACHINE_TRANSLATION | {
            "services": ["libretranslate"],
            "libretranslate_url": server.url,
        }
        yield server


@pytest.fixture
def translation(department):
    """The English translation of a page, without a text."""
    with transaction.atomic():
        page = make_page(
            StandardPage,
            home_of(department),
            title="Aide alimentaire",
            slug="aide-alimentaire",
            summary=SENTENCES[0],
            body=[("text", "".join(f"<p>{sentence}</p>" for sentence in SENTENCES[1:]))],
        )
        source, _created = TranslationSource.update_or_create_from_instance(page)
        english = Locale.objects.get(language_code="en")
        translation = Translation.objects.create(source=source, target_locale=english)
        translation.save_target(publish=False)
    return translation


def refuse_violations(page):
    found = Axe().run(page, context={"include": [["main"]]}, options=RULES)
    assert not found.response["violations"], found.generate_report()


def text_of(page, source):
    return page.locator(".translation-text").filter(has=page.get_by_text(source, exact=True))


def test_a_translator_checks_what_the_chosen_service_has_drafted(
    service, translation, background, live_server, log_in, member, another, picture
):
    member("anne", "allier:administrator")
    member("claire", "allier:translator:en")
    anne, claire = another(), another()
    log_in(anne, "anne")
    anne.goto(live_server.url + reverse("machine_settings"))
    refuse_violations(anne)
    anne.get_by_label("Anglais").select_option(label="LibreTranslate")
    anne.locator("main").get_by_role("button", name="Enregistrer").press("Enter")
    expect(anne.get_by_label("Anglais")).to_have_value("libretranslate")

    log_in(claire, "claire")
    editor = live_server.url + reverse("translation_editor", args=[translation.pk])
    claire.goto(editor)
    expect(claire.locator(".translation-text")).to_have_count(5)
    claire.get_by_role("link", name="Brouillon automatique").first.press("Enter")
    refuse_violations(claire)
    claire.get_by_role("button", name="Traduire automatiquement les textes vides").press("Enter")
    expect(claire.locator("main [data-machine-draft]")).to_contain_text("5 textes ont été traduits automatiquement")
    refuse_violations(claire)
    assert set(SENTENCES) < set(service.texts)

    claire.get_by_role("link", name="Ouvrir l’éditeur").press("Enter")
    marks = claire.locator(".translation-text .w-status:visible")
    expect(marks).to_have_count(5)
    checked, corrected = text_of(claire, SENTENCES[1]), text_of(claire, SENTENCES[2])
    expect(checked.locator("textarea").first).to_have_value(f"en {SENTENCES[1]}")
    picture(claire, "translation-machine-draft")
    refuse_violations(claire)
    checked.get_by_label("J’ai vérifié cette traduction automatique").check()
    expect(marks).to_have_count(4)
    corrected.locator("textarea").first.fill(CORRECTED)
    corrected.locator("textarea").first.press("Control+Enter")
    expect(marks).to_have_count(3)
    expect(claire.locator(".translation-text__confirm:visible")).to_have_count(3)
    claire.goto(editor)
    expect(corrected.locator("textarea").first).to_have_value(CORRECTED)
    expect(marks).to_have_count(3)
