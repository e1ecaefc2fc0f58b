"""From a search that found nothing to a promoted result, as a publisher does it, in a browser without scripts."""

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from cms.pages.models import StandardPage
from search.analytics.query_log import LoggedSearch, write_counts
from tests.factories.pages import make_page

from .conftest import USERNAME

pytestmark = pytest.mark.browser


def test_a_publisher_promotes_what_people_search_for(
    new_context, site, live_server, department, publisher, search_index, log_in
):
    with transaction.atomic():
        make_page(StandardPage, department, title="Épicerie solidaire")
        make_page(StandardPage, department, title="Aide alimentaire")
    search_index()
    write_counts({LoggedSearch(timezone.localdate().isoformat(), "colis de noël", "fr", "allier"): (4, 0)})
    page = log_in(new_context(java_script_enabled=False).new_page(), USERNAME)

    page.goto(f"{live_server.url}/admin/reports/searches/?results=nothing")
    row = page.get_by_role("row", name="colis de noël")
    expect(row).to_contain_text("Aucun")
    row.get_by_role("link", name="Mettre en avant un résultat").click()
    expect(page.get_by_label("Mots")).to_have_value("colis de noël")
    page.get_by_label("Trouver le contenu").fill("aides alimentaires")
    page.get_by_label("Trouver le contenu").press("Enter")
    page.get_by_role("radio", name="Aide alimentaire").check()
    page.get_by_role("button", name="Créer").click()
    expect(page.get_by_role("row", name="colis de noël")).to_contain_text("Aide alimentaire")

    page.goto(f"{site}/search/?q=colis+noel&language=fr")
    expect(page.locator(".search-hits li").first).to_contain_text("Recommandé")
    expect(page.locator(".search-hits h3").first).to_contain_text("Aide alimentaire")
