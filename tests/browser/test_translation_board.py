"""The board of translations as an editor and a translator use it: select, assign, find one's own work."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import Group
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect
from wagtail.models import Locale
from wagtail_localize.models import Translation, TranslationSource

from cms.pages.models import EventPage
from tests.factories.pages import make_page

from .conftest import PASSWORD
from .test_accessibility import RULES

pytestmark = pytest.mark.browser


@pytest.fixture
def events(section):
    """Two events; the first one has an English translation that is not published."""
    with transaction.atomic():
        pages = [make_page(EventPage, section, title=title) for title in ("Forum des métiers", "Salon")]
        source, _created = TranslationSource.update_or_create_from_instance(pages[0])
        english = Locale.objects.get(language_code="en")
        Translation.objects.create(source=source, target_locale=english).save_target(publish=False)
    return pages


def account(django_user_model, name, role):
    user = django_user_model.objects.create_user(name, f"{name}@example.test", PASSWORD)
    user.groups.add(Group.objects.get(name=f"allier:{role}"))


def refuse_violations(page):
    found = Axe().run(page, context={"include": [["main"]]}, options=RULES)
    assert not found.response["violations"], found.generate_report()


@pytest.mark.parametrize(
    "screen", [{"width": 1400, "height": 900}, {"width": 390, "height": 844}], ids=["desktop", "phone"]
)
def test_an_editor_assigns_what_is_selected_and_the_translator_finds_it(
    page, events, live_server, log_in, django_user_model, screen
):
    account(django_user_model, "edith", "editor")
    account(django_user_model, "claire", "translator:en")
    board = live_server.url + reverse("translation_board")
    page.set_viewport_size(screen)
    log_in(page, "edith").goto(board)
    boxes = page.locator('tbody input[name="cell"]')
    page.get_by_label("tout sélectionner").check()
    expect(page.locator('tbody input[name="cell"]:checked')).to_have_count(boxes.count())
    page.get_by_label("tout sélectionner").uncheck()
    expect(page.locator('tbody input[name="cell"]:checked')).to_have_count(0)
    for event in events:
        page.get_by_label(f"Sélectionner {event.title}, Anglais").check()
    refuse_violations(page)
    page.get_by_role("button", name="Attribuer, fixer une échéance").press("Enter")
    expect(page.get_by_role("heading", name="2 traductions")).to_be_visible()
    page.get_by_label("Anglais : attribuée à").select_option(label="claire")
    page.locator("#id_due_on").fill(timezone.localdate().isoformat())
    refuse_violations(page)
    page.locator("main").get_by_role("button", name="Attribuer, fixer une échéance").press("Enter")
    expect(page.get_by_text("2 traductions ont été attribuées.")).to_be_visible()
    page.goto(board)  # Without the message, which fades in.
    refuse_violations(page)

    page.context.clear_cookies()
    log_in(page, "claire")
    expect(page.get_by_text("attribuée à vous")).to_be_visible()
    page.goto(f"{board}?assignee=me&state=in_progress")
    expect(boxes).to_have_count(1)
    refuse_violations(page)
    page.get_by_role("link", name="Ouvrir – Forum des métiers").press("Enter")
    expect(page.locator(".translation-editor__head")).to_contain_text("attribuée à claire")
    refuse_violations(page)
