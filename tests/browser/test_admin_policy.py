"""No main screen of the admin violates its Content-Security-Policy or fails in a script."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from playwright.sync_api import expect

from cms.pages.models import EventPage
from sites.models import Department
from tests.factories.media import DocumentFactory, ImageFactory, VideoFactory
from tests.factories.pages import make_page

from .conftest import PASSWORD

pytestmark = pytest.mark.browser


def test_no_main_screen_of_the_admin_violates_its_policy(
    page, section, live_server, log_in, violations, django_user_model
):
    department = Department.objects.get()
    administrator = django_user_model.objects.create_user("chef", "chef@example.test", PASSWORD)
    administrator.groups.add(Group.objects.get(name="allier:administrator"))
    event = make_page(EventPage, section, title="Forum des métiers", slug="forum")
    image, document = ImageFactory(collection=department.collection), DocumentFactory(collection=department.collection)
    video = VideoFactory(collection=department.collection)
    screens = [
        ("wagtailadmin_home",),
        ("wagtailadmin_explore", section.pk),
        ("wagtailadmin_pages:add", "pages", "eventpage", section.pk),
        ("wagtailadmin_pages:edit", event.pk),
        ("wagtailadmin_pages:history", event.pk),
        ("wagtailadmin_pages:view_draft", event.pk),
        ("wagtailimages:index",),
        ("wagtailimages:add_multiple",),
        ("wagtailimages:edit", image.pk),
        ("wagtaildocs:index",),
        ("wagtaildocs:add_multiple",),
        ("wagtaildocs:edit", document.pk),
        ("wagtailsnippets_cms_media_video:list",),
        ("wagtailsnippets_cms_media_video:edit", video.pk),
        ("wagtailsnippets_cms_media_consent:add",),
        ("wagtailadmin_account",),
        ("department_redirects:add",),
        ("wagtailadmin_collections:index",),
        ("team:members", department.slug),
        ("team:invite", department.slug),
        ("department_settings", department.pk),
    ]
    log_in(page, "chef")
    found = []
    for name, *arguments in screens:
        found += violations(live_server.url + reverse(name, args=arguments))
    assert found == []

    page.goto(live_server.url + reverse("wagtailadmin_pages:edit", args=[event.pk]))
    page.get_by_role("button", name="Afficher/masquer la prévisualisation").click()
    expect(page.frame_locator("#w-preview-iframe").get_by_role("heading", level=1)).to_have_text("Forum des métiers")
    # The dialog of a chooser loads a fragment with scripts.
    page.get_by_role("button", name="Choisir une image").first.click()
    expect(page.get_by_role("dialog").last).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert [entry for frame in page.frames for entry in frame.evaluate("window.policyViolations || []")] == []
