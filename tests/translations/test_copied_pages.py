"""An unfinished translation is not copied: its copy would be a page of its own that says nothing of its texts."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, TaskState
from wagtail_localize.models import StringTranslation

from cms.copies.copying import take_copy
from cms.delivery.models import PublishedDocument
from cms.pages.models import StandardPage
from cms.request_transactions import short_transactions
from cms.translations.models import TranslatedRevision
from cms.translations.signals import step_saved
from tests.factories.departments import make_department
from tests.factories.pages import make_page
from tests.factories.sharing import offer
from tests.factories.users import make_user

pytestmark = pytest.mark.embedded

MISSING = "Un repas chaud par jour."
API = "wagtailadmin_api:pages:action"


def copy_by_form(client, page):
    form = {"new_title": "Copy", "new_slug": "copy", "new_parent_page": page.get_parent().pk, "publish_copies": "on"}
    return client.post(reverse("wagtailadmin_pages:copy", args=[page.pk]), form)


def alias_by_form(client, page):
    form = {"new_title": "Copy", "new_slug": "copy", "new_parent_page": page.get_parent().pk, "alias": "on"}
    return client.post(reverse("wagtailadmin_pages:copy", args=[page.pk]), form)


def call(client, page, action, **body):
    url = reverse(API, kwargs={"pk": page.pk, "action_name": action})
    return client.post(url, json.dumps(body), content_type="application/json")


def copy_by_api(client, page):
    return call(client, page, "copy", slug="copy", keep_live=False)


def alias_by_api(client, page):
    return call(client, page, "create_alias", update_slug="copy", destination_page_id=page.get_parent().pk)


WAYS = [copy_by_form, alias_by_form, copy_by_api, alias_by_api]


@pytest.fixture
def publisher(client, department):
    client.force_login(make_user("root", is_superuser=True))
    return client


@pytest.fixture(params=["incomplete", "machine", "incomplete draft"])
def unfinished(request, translated, department):
    """Return the page of a translation that is incomplete, or of a machine, in public or in its draft only."""
    department.publishes_partial_translations = department.publishes_machine_translations = True
    department.save()
    if request.param == "incomplete":
        translated.write({source: text for source, text in translated.texts.items() if source != MISSING})
        translated.publish()
        translated.write(translated.texts)
        translated.translation.save_target(publish=False)
    elif request.param == "machine":
        translated.write(translated.texts)
        StringTranslation.objects.filter(translation_of__data=MISSING).update(translation_type="machine")
        translated.publish()
    else:
        translated.write({source: text for source, text in translated.texts.items() if source != MISSING})
        translated.translation.save_target(publish=False)
    return Page.objects.get(pk=translated.translation.get_target_instance().pk)


@pytest.mark.django_db
@pytest.mark.parametrize("way", WAYS)
def test_no_way_copies_an_unfinished_translation(unfinished, publisher, way):
    before = set(Page.objects.values_list("pk", flat=True))
    response = way(publisher, unfinished)
    assert response.status_code in (302, 400, 409)
    assert set(Page.objects.values_list("pk", flat=True)) == before
    reasons = "".join(map(str, publisher.get("/admin/").context["messages"])) or str(response.json())
    assert unfinished.draft_title in reasons


@pytest.mark.django_db
@pytest.mark.parametrize("way", WAYS)
def test_a_complete_translation_is_copied(translated, publisher, way):
    translated.write(translated.texts)
    page = translated.publish()
    before = Page.objects.count()
    response = way(publisher, page)
    assert response.status_code in (200, 201, 302), response.content
    assert Page.objects.count() > before


@pytest.mark.django_db
def test_a_page_is_not_copied_with_an_unfinished_translation_below_it(unfinished):
    home = unfinished.get_parent().specific
    with pytest.raises(ValidationError, match=unfinished.draft_title):
        home.copy(recursive=True, update_attrs={"slug": "copy"})


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [{"publish_copies": "on"}, {"alias": "on"}])
def test_a_copy_that_goes_on_refuses_what_comes_below_meanwhile(unfinished, publisher, monkeypatch, kind):
    """The first request has checked the pages that were there."""
    monkeypatch.setattr(short_transactions, "SECONDS_OF_REQUEST", 0)
    monkeypatch.setattr(short_transactions, "SECONDS_OF_TRANSACTION", 0)
    folder = make_page(StandardPage, unfinished.get_parent(), title="Folder", slug="folder")
    for number in range(2):
        make_page(StandardPage, folder, title=f"Page {number}", slug=f"page-{number}")
    url = reverse("wagtailadmin_pages:copy", args=[folder.pk])
    form = {"new_title": "Copy", "new_slug": "copy", "new_parent_page": folder.get_parent().pk, "copy_subpages": "on"}
    response = publisher.post(url, form | kind)
    unfinished.move(Page.objects.get(pk=folder.pk), pos="last-child")
    while response.status_code == 200:
        response = publisher.post(url, dict(response.context["fields"]))
    copied = Page.objects.get(slug="copy").get_descendants()
    assert [page.slug for page in copied] == ["page-0", "page-1"]
    (message,) = map(str, publisher.get("/admin/").context["messages"])
    assert message.startswith("3 ")
    assert unfinished.draft_title in message


@pytest.mark.django_db
def test_a_reviewed_machine_translation_is_copied(translated, department):
    department.publishes_machine_translations = True
    department.save()
    translated.write(translated.texts)
    StringTranslation.objects.update(translation_type="machine")
    page = translated.publish()
    with pytest.raises(ValidationError):
        page.copy(update_attrs={"slug": "copy"})
    TranslatedRevision.objects.update(reviewed_at=timezone.now())
    assert page.copy(update_attrs={"slug": "copy"}).pk


@pytest.mark.django_db
def test_a_draft_that_other_code_has_saved_is_compared(translated):
    translated.write(translated.texts)
    page = translated.publish().specific
    page.summary = MISSING
    page.save_revision()
    with pytest.raises(ValidationError):
        page.copy(update_attrs={"slug": "copy"})


@pytest.mark.django_db
def test_an_alias_of_an_unfinished_translation_does_not_become_a_page(translated, publisher, department):
    department.publishes_partial_translations = department.publishes_machine_translations = True
    department.save()
    translated.write(translated.texts)
    alias = translated.publish().create_alias(update_slug="alias")
    StringTranslation.objects.filter(translation_of__data=MISSING).update(data="")
    translated.publish()
    for convert in (
        lambda: publisher.post(reverse("wagtailadmin_pages:convert_alias", args=[alias.pk])),
        lambda: call(publisher, alias, "convert_alias"),
    ):
        convert()
        assert Page.objects.get(pk=alias.pk).alias_of_id is not None


@pytest.mark.django_db
def test_an_alias_says_what_the_translation_says_that_it_shows(translated, department, commits):
    department.publishes_partial_translations = department.publishes_machine_translations = True
    department.save()
    translated.write(translated.texts)
    page = translated.publish()
    with commits():
        alias = page.create_alias(update_slug="alias")

    def state():
        return json.loads(PublishedDocument.objects.get(content_id=alias.translation_key).body)["translation"]

    assert (state()["status"], state()["source_locale"]) == ("translated", "fr")
    translated.write({MISSING: ""})
    translated.publish()
    assert (state()["status"], state()["untranslated"]) == ("incomplete", ["/summary"])
    translated.write({MISSING: "A hot meal."})
    StringTranslation.objects.filter(translation_of__data=MISSING).update(translation_type="machine")
    translated.publish()
    assert state()["status"] == "machine"
    with commits():
        step_saved(TaskState(status=TaskState.STATUS_APPROVED, revision=Page.objects.get(pk=page.pk).live_revision))
    assert state()["status"] == "reviewed"


@pytest.mark.django_db
def test_no_department_copies_the_unfinished_translation_of_another(translated, department, commits):
    department.publishes_partial_translations = department.publishes_machine_translations = True
    department.save()
    receiver = make_department("kent", locales=("en",), source="en")
    translated.write({source: text for source, text in translated.texts.items() if source != MISSING})
    translated.publish()
    offered = offer(translated.page, receiver)
    before = Page.objects.count()
    with pytest.raises(ValidationError, match=r"(miroir|mirrored), (pas|not)"):
        take_copy(offered)
    assert Page.objects.count() == before
    translated.write(translated.texts)
    translated.publish()
    assert take_copy(offered).title == "Food aid"
