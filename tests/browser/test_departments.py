"""Tests of members of departments in the admin, which also take the pictures of docs/departments.md."""

import re
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import Group
from django.core import mail
from django.db import transaction
from playwright.sync_api import expect

from cms.pages.models import EventPage, SectionPage
from sites.lifecycle.provisioning import create_department
from sites.members.membership import invite
from tests.factories.pages import home_of, make_page

from .conftest import PASSWORD
from .test_accessibility import RULES, SCREENS
from .test_editing import wait_for_form

pytestmark = pytest.mark.browser

NEIGHBOUR = "isere.localhost"


@pytest.fixture
def neighbour(site):
    return create_department(
        code="38",
        name="Isère",
        slug="isere",
        hostname=NEIGHBOUR,
        port=urlsplit(site).port,
        locales=["fr", "it"],
        source="fr",
        primary_colour="#4a2f73",
    )


@pytest.fixture
def neighbours_site(site):
    return site.replace(urlsplit(site).hostname, NEIGHBOUR)


@pytest.fixture
def event(section):
    return make_page(EventPage, section, title="Forum des métiers du lien", slug="forum")


def follow_invitation(page, live_server, link):
    """Open the link of an invitation, and make the account that it is for."""
    page.goto(live_server.url + urlsplit(link).path)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Allier")


def make_account(page, first_name, last_name):
    page.locator("#id_first_name").fill(first_name)
    page.locator("#id_last_name").fill(last_name)
    page.locator("#id_password1").fill(PASSWORD)
    page.locator("#id_password2").fill(PASSWORD)
    page.get_by_role("button", name="Créer le compte et accepter").click()
    expect(page.get_by_role("status")).to_contain_text("Bienvenue")


def test_an_administrator_comes_by_invitation_and_brings_a_colleague(
    page, another, department, live_server, picture, django_user_model
):
    with transaction.atomic():
        _invitation, link = invite(department, "claire@example.test", Group.objects.filter(name="allier:administrator"))
    follow_invitation(page, live_server, link)
    picture(page, "invitation")
    make_account(page, "Claire", "Moreau")
    expect(page.locator(".department-bar")).to_contain_text("Allier (03)")
    picture(page, "dashboard")

    page.get_by_role("link", name="Inviter une personne").click()
    page.locator("#id_email").fill("samir@example.test")
    page.get_by_label("Rédaction").check()
    picture(page, "invite")
    page.get_by_role("button", name="Envoyer l’invitation").click()
    expect(page.get_by_text("samir@example.test").first).to_be_visible()

    [message] = [each for each in mail.outbox if each.to == ["samir@example.test"]]
    colleague = another()
    follow_invitation(colleague, live_server, re.search(r"https?://\S+", message.body)[0])
    make_account(colleague, "Samir", "Benali")
    samir = django_user_model.objects.get(email="samir@example.test")
    assert set(samir.groups.values_list("name", flat=True)) == {"allier:editor"}
    expect(colleague.get_by_role("link", name="Équipe")).to_have_count(0)

    page.get_by_role("link", name="Équipe").first.click()
    expect(page.get_by_role("main")).to_contain_text("Samir")
    picture(page, "team")


def test_an_editor_submits_and_a_publisher_approves(page, another, section, member, log_in, live_server, site, picture):
    with transaction.atomic():
        draft = make_page(EventPage, section, publish=False, title="Café de l’emploi", slug="cafe")
    member("samir", "allier:editor")
    member("claire", "allier:publisher")
    url = f"{site}/fr/evenements/cafe/"

    log_in(page, "samir")
    page.goto(f"{live_server.url}/admin/pages/{draft.pk}/edit/")
    wait_for_form(page)
    page.locator("#id_summary").fill("Des employeurs vous reçoivent autour d’un café.")
    submit = page.locator("[name=action-submit]")
    if not submit.is_visible():
        page.get_by_role("button", name="Plus d'actions").click()
    picture(page, "submit")
    submit.click()
    expect(page.locator(".messages")).to_contain_text("soumise")
    assert page.goto(url).status == 404

    publisher = log_in(another(), "claire")
    waiting = publisher.locator("#to-approve-section")
    expect(waiting).to_contain_text("soumise par Samir")
    picture(publisher, "approval")
    waiting.get_by_role("link", name="Café de l’emploi").click()
    wait_for_form(publisher)
    approve = publisher.locator("[data-workflow-action-name=approve]").first
    if not approve.is_visible():
        publisher.get_by_role("button", name="Plus d'actions").click()
    approve.click()
    expect(publisher.locator(".messages")).to_contain_text("mise à jour")
    publisher.goto(url)
    expect(publisher.get_by_role("heading", level=1)).to_have_text("Café de l’emploi")


def test_an_event_held_together_stands_on_both_sites_once_the_second_department_accepts(
    page, another, event, neighbour, member, log_in, live_server, site, neighbours_site, picture
):
    member("claire", "allier:publisher")
    member("lucia", "isere:publisher")
    make_page(SectionPage, home_of(neighbour), title="Événements", slug="evenements", lists="event")
    lists = [f"{here}/fr/evenements/" for here in (site, neighbours_site)]

    log_in(page, "claire")
    page.goto(f"{live_server.url}/admin/pages/{event.pk}/edit/")
    page.get_by_role("button", name="Actions", exact=True).first.click()
    page.get_by_role("link", name="Partager avec des départements").click()
    page.get_by_label("Isère").check()
    picture(page, "propose")
    page.get_by_role("button", name="Proposer").click()
    expect(page.get_by_role("status")).to_contain_text("Proposé à 1")

    other = another()
    other.goto(lists[1])
    expect(other.get_by_role("main").get_by_role("link", name=event.title)).to_have_count(0)
    log_in(other, "lucia")
    other.get_by_role("link", name=event.title).first.click()
    picture(other, "sharing")
    other.get_by_role("button", name="Accepter").click()
    expect(other.get_by_role("status")).to_contain_text("votre site")

    for url in lists:
        other.goto(url)
        other.get_by_role("main").get_by_role("link", name=event.title).click()
        expect(other.get_by_role("heading", level=1)).to_have_text(event.title)
        canonical = other.locator("link[rel=canonical]")
        expect(canonical).to_have_attribute("href", f"{site}/fr/evenements/forum/")


def test_the_same_url_is_not_found_at_another_department(
    page, event, neighbour, member, log_in, live_server, site, neighbours_site, picture
):
    page.goto(f"{site}/fr/evenements/forum/")
    expect(page.get_by_role("heading", level=1)).to_have_text(event.title)
    response = page.goto(f"{neighbours_site}/fr/evenements/forum/")
    assert response.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("Page introuvable")

    member("lucia", "isere:administrator")
    log_in(page, "lucia")
    response = page.goto(f"{live_server.url}/admin/pages/{event.pk}/edit/")
    assert response.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("Erreur 404")
    expect(page.locator("body")).not_to_contain_text(event.title)
    picture(page, "not-found")


def test_somebody_of_two_departments_switches_with_the_keyboard_alone(
    page, department, neighbour, member, log_in, picture
):
    member("paul", "allier:publisher", "isere:publisher")
    log_in(page, "paul")
    expect(page.get_by_role("heading", level=1)).to_have_text("Allier")
    page.get_by_label("Département", exact=True).focus()
    page.keyboard.press("ArrowDown")
    picture(page, "switch")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Isère")
    page.get_by_role("link", name="Pages").first.click()
    expect(page.get_by_role("main")).to_contain_text("Isère – italien")
    expect(page.get_by_role("main")).not_to_contain_text("Allier")


def test_the_switch_needs_no_script(new_context, department, neighbour, member, live_server):
    member("paul", "allier:publisher", "isere:publisher")
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"{live_server.url}/admin/login/")
    page.locator("#id_username").fill("paul")
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="S’identifier", exact=True).click()
    page.locator("#department-switch").select_option(label="Isère (38)")
    page.get_by_role("button", name="Changer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Isère")


def test_the_settings_say_at_once_whether_a_colour_can_be_read(page, department, member, log_in, live_server, picture):
    member("claire", "allier:administrator")
    log_in(page, "claire")
    page.goto(f"{live_server.url}/admin/department/{department.pk}/settings/")
    colour = page.locator("#id_primary_colour")
    verdict = page.locator("[data-colour-verdict]").first
    colour.fill("#ffee00")
    expect(verdict).to_contain_text("Trop faible")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator(".error-message").first).to_contain_text("contraste")
    colour.fill("#225e3c")
    expect(verdict).to_contain_text("Facile à lire")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator(".messages")).to_contain_text("enregistrés")
    expect(page.get_by_role("button", name="Choisir une image")).to_be_visible()
    expect(page.locator(".department-bar")).to_have_css("background-color", "rgb(34, 94, 60)")
    page.locator(".department-preview").evaluate("each => each.scrollIntoView({block: 'center'})")
    picture(page, "settings")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_our_screens(page, event, neighbour, member, log_in, live_server, scheme):
    """The bar and what stands in the main column; the side menu around them is Wagtail's."""
    member("claire", "allier:administrator", "isere:publisher")
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    log_in(page, "claire")
    axe, violations = Axe(), []
    for url in (
        "/admin/",
        f"/admin/department/{event.get_site().department.pk}/settings/",
        "/admin/team/allier/",
        "/admin/team/allier/invite/",
        "/admin/sharing/",
        f"/admin/sharing/propose/{event.pk}/",
        "/admin/approval/",
        "/admin/redirects/",
    ):
        page.goto(f"{live_server.url}{url}")
        for screen, size in SCREENS.items():
            page.set_viewport_size(size)
            results = axe.run(page, context={"include": [[".department-bar"], ["#main"]]}, options=RULES)
            assert results.response["passes"], "axe has looked at nothing"
            if results.violations_count:
                violations.append(f"{url}, {screen}: {results.generate_report()}")

    assert not violations, "\n".join(violations)
