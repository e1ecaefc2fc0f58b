"""Each hole of stock Wagtail by its number: open without the guard, closed with it."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.isolation.world import MARK, make_actor, make_world

STOCK_READS = {
    "C1": ("wagtailusers_users:edit", "user"),
    "C2": ("wagtailusers_groups:edit", "group"),
    "C4": ("wagtailsnippets_cms_media_consent:edit", "consent"),
    "C5": ("wagtail_localize:update_translations", "source"),
    "H5": ("wagtailredirects:edit", "redirect"),
    "H7": ("wagtailadmin_choose_page_chosen_multiple", "page"),
    "H9": ("wagtail_bulk_action", "page"),
    "H10": ("wagtailadmin_workflows:edit", "workflow"),
    "M4": ("wagtailadmin_pages:confirm_workflow_cancellation", "draft"),
}


@pytest.mark.parametrize("finding", STOCK_READS)
def test_without_the_guard_wagtail_shows_it(db, settings, commits, finding):
    """What the matrix finds closed is open in Wagtail itself: the matrix would see it."""
    with commits():
        world = make_world()
    user = make_actor("overgranted")
    name, kind = STOCK_READS[finding]
    key = getattr(world.theirs, kind).pk
    address = f"{reverse(name)}?id={key}" if finding == "H7" else None
    if finding == "H9":
        address = f"{reverse(name, args=['wagtailcore', 'page', 'delete'])}?id={key}"
    address = address or reverse(name, args=[key])
    guarded, stock = Client(), Client()
    for client in (guarded, stock):
        client.force_login(user)
    assert guarded.get(address).status_code == 404
    guard = "sites.middleware.DepartmentGuardMiddleware"
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if each != guard]
    assert MARK in stock.get(address).content.decode().lower()
