"""A department's call for partners in two of their languages: requested, translated, reviewed, released, changed.

Everybody works on screens alone: the editor of the department, an Italian partner with a program of her own, a Finnish
one in the editor, a reviewer who sends back once, her guest who approves without an account, and the publisher, who
releases the original with both translations.
"""

import json
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import transaction
from django.urls import reverse
from playwright.sync_api import expect

from cms.pages.models import PartnershipPage, SectionPage
from sites.lifecycle.provisioning import create_department
from tests.factories.pages import home_of, make_page
from tests.translations.files.edited_files import rewrite

from .conftest import HOST
from .test_accessibility import RULES
from .test_editing import wait_for_form

pytestmark = pytest.mark.browser

TITLE = "L’Isère cherche des partenaires européens"
SUMMARY = "Dix professionnels par pays échangent sur les métiers du social."
CHANGED = "Douze professionnels par pays échangent sur les métiers du social."
LABEL = "Partenariat stratégique"
SLUG = "appel"
ITALIAN = {
    TITLE: "L’Isère cerca partner europei",
    SUMMARY: "Dieci professionisti per paese si confrontano sulle professioni sociali.",
    LABEL: "Partenariato strategico",
    SLUG: "appello",
}
CORRECTED = "Dieci professionisti per paese dialogano sulle professioni sociali."
FINNISH = {
    TITLE: "Isère etsii eurooppalaisia kumppaneita",
    SUMMARY: "Kymmenen ammattilaista maata kohti keskustelee sosiaalialan ammateista.",
    LABEL: "Strateginen kumppanuus",
    SLUG: "kutsu",
}
DOUBT = "«Si confrontano» suona come una disputa."


@pytest.fixture
def department(site):
    return create_department(
        code="38",
        name="Isère",
        slug="isere",
        hostname=HOST,
        port=urlsplit(site).port,
        locales=["fr", "it", "fi"],
        source="fr",
    )


@pytest.fixture
def call(department):
    """The call for partners, a draft."""
    with transaction.atomic():
        home = home_of(department)
        section = make_page(SectionPage, home, title="Partenariats", slug="partenariats", lists="partnership")
        call = make_page(PartnershipPage, section, title=TITLE, slug=SLUG, summary=SUMMARY, action_label=LABEL)
        call.unpublish()
    return call


class Office:
    """The browsers of the people, each logged in once."""

    def __init__(self, live_server, member, another, log_in):
        self.root, self._member, self._another, self._log_in = live_server.url, member, another, log_in
        self.board = self.root + reverse("translation_board")

    def enter(self, name, *roles):
        self._member(name, *roles)
        return self._log_in(self._another(), name)


@pytest.fixture
def office(live_server, member, another, log_in):
    return Office(live_server, member, another, log_in)


def refuse_violations(page):
    found = Axe().run(page, context={"include": [["main"]]}, options=RULES)
    assert not found.response["violations"], found.generate_report()


def select_and(page, action, *languages):
    """Select the call in these languages on the board, choose an action, and confirm it."""
    for language in languages:
        page.get_by_label(f"Sélectionner {TITLE}, {language}").check()
    page.get_by_role("button", name=action).press("Enter")
    page.locator("main .board-action").get_by_role("button", name=action).press("Enter")


def open_translation(page, office, language):
    page.goto(office.board)
    page.get_by_role("link", name=f"Ouvrir – {TITLE}, {language}").click()
    expect(page.locator(".translation-editor")).to_be_visible()


def text_of(page, source):
    """Return the part of the editor with this text of the original."""
    return page.locator(".translation-text").filter(has=page.get_by_text(source, exact=True))


def translate_in_a_program(page, tmp_path):
    """Download the texts as XLIFF, translate the file, and import it."""
    page.get_by_text("Fichiers", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger en XLIFF1.2").click()
    path = tmp_path / "appel.xlf"
    download.value.save_as(path)
    rewrite(path, "xliff1.2", ITALIAN)
    page.get_by_role("link", name="Importer un fichier").click()
    page.get_by_label("Fichier XLIFF ou PO").set_input_files(path)
    page.get_by_role("button", name="Importer", exact=True).click()
    expect(page.locator(".translation-import [role=status]")).to_contain_text("4 nouveaux ou confirmés")
    page.get_by_role("link", name="Lire la traduction").click()


def submit(page):
    page.get_by_role("button", name="Soumettre à la relecture").press("Enter")
    expect(page.get_by_text("a été soumise à la relecture")).to_be_visible()


def guest_link(page):
    """Make a link for somebody without an account; return its path."""
    page.get_by_role("link", name="Liens d’invités").first.click()
    page.get_by_label("Nom de la personne invitée").fill("Marta Bianchi")
    page.get_by_role("button", name="Créer le lien").press("Enter")
    return urlsplit(page.locator("#new-guest-link").input_value()).path


def published(office, page, language):
    """Return the document of the call in a language, as an external site gets it; None if there is none."""
    url = f"{office.root}/api/v1/contents/{page.translation_key}/?locale={language}"
    try:
        with urlopen(url, timeout=60) as response:
            return json.load(response)
    except HTTPError as error:
        if error.code not in (404, 410):
            raise
        return None


def test_a_call_is_translated_published_and_marked_after_a_change(office, call, site, tmp_path, another, picture):
    edith = office.enter("edith", "isere:editor")
    edith.goto(office.board)
    select_and(edith, "Demander la traduction", "Italien", "Finnois")
    expect(edith.get_by_text("2 traductions sont demandées.")).to_be_visible()

    paul = office.enter("paul", "isere:publisher")
    paul.goto(office.board)
    paul.get_by_role("link", name=f"Préparer une publication groupée – {TITLE}").press("Enter")
    paul.get_by_role("button", name="Préparer une publication groupée").press("Enter")
    expect(paul.get_by_text("est en préparation")).to_be_visible()

    giulia = office.enter("giulia", "isere:translator:it")
    open_translation(giulia, office, "Italien")
    translate_in_a_program(giulia, tmp_path)
    submit(giulia)

    aino = office.enter("aino", "isere:translator:fi")
    open_translation(aino, office, "Finnois")
    for source, target in FINNISH.items():
        field = text_of(aino, source).locator("textarea").first
        field.fill(target)
        field.press("Control+Enter")
    expect(aino.locator("[data-status]")).to_have_text("Enregistré.")
    expect(aino.locator(".translation-text .w-status:visible")).to_have_count(0)
    refuse_violations(aino)
    aino.evaluate("scrollTo(0, 0)")
    picture(aino, "translation-editor")

    rita = office.enter("rita", "isere:reviewer:it")
    open_translation(rita, office, "Italien")
    doubtful = text_of(rita, SUMMARY)
    doubtful.locator(".translation-text__comments summary").press("Enter")
    doubtful.locator('textarea[name^="comment-"]').fill(DOUBT)
    rita.get_by_role("button", name="Renvoyer").press("Enter")
    expect(rita.get_by_text("a été renvoyée")).to_be_visible()

    open_translation(giulia, office, "Italien")
    expect(giulia.locator(".translation-editor__decision")).to_contain_text(DOUBT)
    text_of(giulia, SUMMARY).locator("textarea").first.fill(CORRECTED)
    submit(giulia)

    open_translation(rita, office, "Italien")
    path = guest_link(rita)
    guest = another()
    guest.goto(office.root + path)
    expect(guest.get_by_text(CORRECTED)).to_be_visible()
    refuse_violations(guest)
    picture(guest, "translation-guest")
    guest.get_by_role("button", name="Approva", exact=True).press("Enter")
    expect(guest.get_by_role("status")).to_be_visible()

    # On a phone, with a table of uses that has no links.
    rita.set_viewport_size({"width": 390, "height": 844})
    rita.reload()
    expect(rita.get_by_role("region", name="Utilisations")).to_be_visible()
    refuse_violations(rita)

    open_translation(paul, office, "Finnois")
    paul.get_by_role("button", name="Approuver pour la publication groupée").press("Enter")
    assert [published(office, call, language) for language in ("fr", "it", "fi")] == [None] * 3
    paul.goto(office.board)
    paul.get_by_role("link", name=f"Ouvrir la publication groupée – {TITLE}").press("Enter")
    expect(paul.get_by_role("checkbox", checked=True)).to_have_count(2)
    refuse_violations(paul)
    picture(paul, "translation-release")
    paul.get_by_role("button", name="Publier l’original et les langues choisies").press("Enter")
    expect(paul.get_by_text("a été publié avec 2 traductions")).to_be_visible()
    assert published(office, call, "fr")["title"] == TITLE
    italian = ITALIAN | {SUMMARY: CORRECTED}
    for language, texts, status in (("it", italian, "reviewed"), ("fi", FINNISH, "reviewed")):
        document = published(office, call, language)
        assert (document["title"], document["summary"]) == (texts[TITLE], texts[SUMMARY])
        assert (document["translation"]["status"], document["translation"]["stale"]) == (status, False)

    paul.goto(office.root + reverse("wagtailadmin_pages:edit", args=[call.pk]))
    wait_for_form(paul)
    paul.locator("#id_summary").fill(CHANGED)
    paul.get_by_role("button", name="Plus d'actions").click()
    paul.get_by_role("button", name="Publier", exact=True).click()
    expect(paul.locator(".messages")).to_contain_text("publiée")
    assert published(office, call, "fr")["summary"] == CHANGED

    paul.goto(office.board)
    expect(paul.locator(".translation-cell .w-status").filter(has_text="périmée")).to_have_count(2)
    refuse_violations(paul)
    picture(paul, "translation-board")
    open_translation(giulia, office, "Italien")
    expect(giulia.locator(".translation-text .w-status:visible")).to_have_text(["périmé"])
    expect(text_of(giulia, CHANGED)).to_contain_text("périmé")
    document = published(office, call, "it")
    assert (document["summary"], document["translation"]["stale"]) == (CORRECTED, True)
    reader = another()
    reader.goto(f"{site}{document['path']}")
    expect(reader.get_by_role("main")).to_contain_text(CORRECTED)
    expect(reader.locator(".notice-doubtful")).to_contain_text("è cambiat")
