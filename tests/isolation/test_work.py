"""The positive control: what each role can do in its own department, and what it cannot."""

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Collection, Page, PageViewRestriction
from wagtail.test.utils.form_data import nested_form_data
from wagtail_localize.models import StringTranslation

from cms.media.models import CustomDocument, Video
from sites.models import Invitation, Sharing
from sites.roles import ROLES
from tests.commits import run_commit_callbacks
from tests.factories.files import pdf
from tests.typed_translations import type_translation

from .fixture_data import make_actor
from .test_own_work import form_of_page

pytestmark = pytest.mark.embedded

LEADERS = {"administrator", "publisher"}
AUTHORS = LEADERS | {"editor"}
PARTNERS = {"translator", "reviewer"}


def adds_a_page(client, ours):
    url = reverse("wagtailadmin_pages:add", args=["pages", "standardpage", ours.page.get_parent().pk])
    client.post(url, form_of_page())
    return Page.objects.filter(slug="nouvelle-page").exists()


def publishes_a_page(client, ours):
    client.post(reverse("wagtailadmin_pages:edit", args=[ours.page.pk]), form_of_page(**{"action-publish": "x"}))
    return Page.objects.get(pk=ours.page.pk).title == "Nouvelle page"


def locks_a_page(client, ours):
    client.post(reverse("wagtailadmin_pages:lock", args=[ours.page.pk]))
    return Page.objects.get(pk=ours.page.pk).locked


def reads_a_draft(client, ours):
    return client.get(reverse("wagtailadmin_pages:view_draft", args=[ours.page.pk])).status_code == 200


def uploads_a_document(client, ours):
    file = SimpleUploadedFile("a.pdf", pdf("Bonjour"), "application/pdf")
    form = {"title": "Neuf", "kind": "other", "language": "", "tags": "", "file": file}
    client.post(reverse("wagtaildocs:add"), form | {"collection": ours.department.collection_id})
    return CustomDocument.objects.filter(title="Neuf").exists()


def adds_a_video(client, ours):
    form = {
        "title": "Neuve", "page_url": "https://peertube.example.org/w/4ZqdGDrvTqHbXWzBbGuFRy", "language": "fr",
        "duration": 5, "poster": ours.image.pk, "credit": "", "consent": ours.consent.pk,
        "collection": ours.department.collection_id, "captions-TOTAL_FORMS": 0, "captions-INITIAL_FORMS": 0,
    }  # fmt: skip
    client.post(reverse("wagtailsnippets_cms_media_video:add"), nested_form_data(form))
    return Video.objects.filter(title="Neuve").exists()


def adds_a_collection(client, ours):
    form = {"name": "Portraits", "parent": ours.department.collection_id}
    client.post(reverse("wagtailadmin_collections:add"), form)
    return Collection.objects.filter(name="Portraits").exists()


def sends_to_translation(client, ours):
    italian = ours.department.locales.get(language_code="it")
    client.post(reverse("wagtail_localize:submit_page_translation", args=[ours.page.pk]), {"locales": [italian.pk]})
    return Page.objects.filter(translation_key=ours.page.translation_key, locale=italian).exists()


def translates_a_string(client, ours):
    type_translation(client, ours.translation, ours.string_segment, "Our page")
    return StringTranslation.objects.filter(data="Our page").exists()


def publishes_a_translation(client, ours):
    # Nobody has translated the page completely.
    type(ours.department).objects.update(publishes_partial_translations=True)
    client.post(reverse("wagtailadmin_pages:edit", args=[ours.target.pk]), {"action": "publish"})
    run_commit_callbacks()
    return Page.objects.get(pk=ours.target.pk).live


def deletes_a_draft(client, ours):
    client.post(reverse("wagtailadmin_pages:delete", args=[ours.target.pk]))
    return not Page.objects.filter(pk=ours.target.pk).exists()


def goes_back_to_a_version(client, ours):
    """Revert a page through the admin API, which checks less than the screens."""
    url = reverse("wagtailadmin_api:pages:action", args=[ours.target.pk, "revert_to_page_revision"])
    before = ours.target.revisions.count()
    client.post(url, {"revision_id": ours.target.latest_revision.pk})
    return ours.target.revisions.count() > before


def restricts_a_page(client, ours):
    form = {"restriction_type": "password", "password": "entre-nous"}
    client.post(reverse("wagtailadmin_pages:set_privacy", args=[ours.page.pk]), form)
    return PageViewRestriction.objects.filter(page=ours.page).exists()


def redirects_a_url(client, ours):
    form = {"old_path": "/vieux", "site": ours.department.site_id, "redirect_page": ours.page.pk, "redirect_link": ""}
    client.post(reverse("department_redirects:add"), form)
    return Redirect.objects.filter(old_path="/vieux").exists()


def invites_a_colleague(client, ours):
    group = Group.objects.get(name="allier:editor")
    form = {"email": "camille@example.org", "groups": [group.pk]}
    client.post(reverse("team:invite", args=[ours.department.slug]), form)
    return Invitation.objects.filter(email="camille@example.org").exists()


def offers_a_page(client, ours):
    before = Sharing.objects.count()
    client.post(reverse("sharing:propose", args=[ours.page.pk]), {"kind": "offer", "to_all": "on"})
    return Sharing.objects.count() > before


def reads_the_history(client, ours):
    return client.get(reverse("wagtailadmin_reports:site_history")).status_code == 200


WORK = {
    adds_a_page: AUTHORS,
    publishes_a_page: LEADERS,
    locks_a_page: LEADERS,
    reads_a_draft: AUTHORS | {"reader"},
    uploads_a_document: AUTHORS | {"media_manager"},
    adds_a_video: AUTHORS | {"media_manager"},
    adds_a_collection: {"administrator", "media_manager"},
    sends_to_translation: AUTHORS,
    translates_a_string: AUTHORS | PARTNERS,
    publishes_a_translation: LEADERS | {"reviewer"},
    deletes_a_draft: AUTHORS,
    goes_back_to_a_version: AUTHORS,
    restricts_a_page: LEADERS,
    redirects_a_url: LEADERS,
    invites_a_colleague: {"administrator"},
    offers_a_page: LEADERS,
    reads_the_history: AUTHORS | {"media_manager"},
}


@pytest.mark.parametrize("role", [role.key for role in ROLES])
def test_each_role_completes_exactly_its_own_tasks(client, fixture_data, role):
    client.force_login(make_actor(role))
    done = set()
    for work in WORK:
        with transaction.atomic():
            if work(client, fixture_data.ours):
                done.add(work)
            transaction.set_rollback(True)
    named = {work.__name__: role in roles for work, roles in WORK.items()}
    assert {work.__name__: work in done for work in WORK} == named


def test_every_role_has_tasks():
    assert set().union(*WORK.values()) == {role.key for role in ROLES}
