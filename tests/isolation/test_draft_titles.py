"""Tests that who may not read a draft finds its title on no screen, in no export and in no message.

Partners work in their languages, media managers with files: of pages they read the titles that readers can see.
"""

import re

import pytest
from django.urls import reverse
from wagtail.models import PageViewRestriction, ReferenceIndex
from wagtail_localize.models import Translation, TranslationSource

from cms.pages.models import StandardPage, TestimonialPage
from sites.access.references.acting_user import acting_as
from tests.factories.media import ConsentFactory, VideoFactory
from tests.factories.pages import make_page

from .fixture_data import make_actor
from .targets import admin_targets, reason_to_skip
from .test_names import EXPORTS, text_of

pytestmark = pytest.mark.embedded

# Words of the titles of a draft of a public page, of a page that was never published, and of a page with a password.
MARKS = re.compile("zqnewer|zqunpublished|zqprivate")
OUTSIDERS = ("translator", "reviewer", "media_manager")
SEARCHES = ("?q=zq&search_all=1", "?q=ours")


@pytest.fixture
def side(fixture_data, db):
    """Return the own department's objects, with three marked pages; the unpublished ones use files and are logged."""
    ours = fixture_data.ours
    consent, video = (factory(collection=ours.department.collection) for factory in (ConsentFactory, VideoFactory))
    ours.page.title = "Zqnewer"
    ours.page.save_revision(user=ours.user, log_action=True)
    department, image = ours.department, ours.image
    unpublished = [
        make_page(TestimonialPage, department, publish=False, title="Zqunpublished 1", consent=consent, video=video),
        make_page(StandardPage, department, publish=False, title="Zqunpublished 2", slug="zq-2", image=image),
    ]
    private = make_page(StandardPage, department, title="Zqprivate", slug="zq-3", image=image)
    PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)
    for page in (*unpublished, private):
        page.save_revision(user=ours.user, log_action=True)
        ReferenceIndex.create_or_update_for_object(page)
    source, _created = TranslationSource.update_or_create_from_instance(unpublished[1])
    italian = ours.department.locales.get(language_code="it")
    Translation.objects.create(source=source, target_locale=italian).save_target(publish=False)
    ours.unpublished, ours.marked_private, ours.consent, ours.video = unpublished, private, consent, video
    return ours


def urls_of(fixture_data):
    """Yield the URLs of all screens about the own objects; lists also with searches."""
    for target in admin_targets(fixture_data, "own"):
        if not reason_to_skip(target.endpoint, "own"):
            yield target.url
            if "?" not in target.url and not target.endpoint.parameters:
                yield from (target.url + search for search in SEARCHES)


def titles_found(client, fixture_data, read):
    """Return the URLs whose answer has a marked title, in a screen or an export."""
    found = []
    for url in urls_of(fixture_data):
        words = read(client.get(url))
        answers = {url: words}
        for export in (f"export={kind}" for kind in EXPORTS):
            if export in words and "?" not in url:
                answers[f"{url}?{export}"] = text_of(client.get(f"{url}?{export}"), read)
        found += [key for key, answer in answers.items() if MARKS.search(answer)]
    return found


@pytest.mark.usefixtures("uninstrumented_templates")
@pytest.mark.parametrize("role", ["translator", "media_manager"])
def test_no_screen_or_export_shows_the_title_of_a_draft(client, fixture_data, side, read, role):
    client.force_login(make_actor(role))
    client.raise_request_exception = False
    assert titles_found(client, fixture_data, read) == []


@pytest.mark.parametrize("role", ["editor", "reader"])
def test_members_who_read_drafts_find_them(client, fixture_data, side, read, role):
    client.force_login(make_actor(role))
    chooser = reverse("wagtailadmin_choose_page_child", args=[side.page.get_parent().pk])
    assert set(MARKS.findall(read(client.get(chooser)))) == {"zqnewer", "zqunpublished", "zqprivate"}


@pytest.mark.parametrize("role", OUTSIDERS)
def test_public_pages_are_offered_by_their_published_title(client, side, read, role):
    client.force_login(make_actor(role))
    assert "ours page" in read(client.get(reverse("wagtailadmin_home")))
    chooser = reverse("wagtailadmin_choose_page_child", args=[side.page.get_parent().pk])
    assert 'data-admin-title=\\"ours page' in read(client.get(chooser))


@pytest.mark.parametrize("suffix", ["", "?query"])
@pytest.mark.parametrize("role", OUTSIDERS)
def test_the_link_chooser_does_not_show_it(client, side, read, role, suffix):
    client.force_login(make_actor(role))
    for page in (side.page, side.marked_private):
        typed = f"{page.get_site().root_url}/{page.slug}/{suffix}"
        form = {"external-link-chooser-url": typed, "external-link-chooser-link_text": ""}
        response = client.post(reverse("wagtailadmin_choose_page_external_link"), form)
        assert response.status_code == 200
        assert not MARKS.search(read(response))


def test_the_refusal_to_delete_a_used_video_does_not_name_the_draft_that_uses_it(client, side, read):
    client.force_login(make_actor("media_manager"))
    url = reverse("wagtailsnippets_cms_media_video:delete", args=[side.video.pk])
    response = client.post(url, follow=True)
    assert type(side.video).objects.filter(pk=side.video.pk).exists()
    assert not MARKS.search(read(response))


def test_who_approves_a_page_reads_its_draft(fixture_data, side):
    reviewer = make_actor("reviewer")
    task = side.workflow_state.current_task_state.task.specific
    page = type(side.draft).objects.get(pk=side.draft.pk)
    with acting_as(reviewer):
        assert "hidden" not in page.get_admin_display_title().lower()
    task.groups.add(reviewer.groups.get())
    with acting_as(type(reviewer).objects.get(pk=reviewer.pk)):
        assert "hidden" in page.get_admin_display_title().lower()
