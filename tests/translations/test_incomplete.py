"""Incomplete translations are not published, unless the department allows it."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from wagtail.models import Page
from wagtail_localize.models import Translation, TranslationSource

from cms.delivery.models import PublishedDocument
from cms.delivery.refresh_requests import queue_headers
from cms.pages.models import StandardPage
from tests.factories.pages import make_page
from tests.factories.users import make_user

MISSING = "Un repas chaud par jour."


@pytest.fixture
def incomplete(translated):
    translated.write({source: text for source, text in translated.texts.items() if source != MISSING})
    return translated


def document(page):
    return json.loads(PublishedDocument.objects.get(content_id=page.translation_key, locale="en").body)


def shown_messages(response):
    return " ".join(str(message) for message in response.context["messages"])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["editor", "bulk action", "approval"])
def test_it_cannot_be_published(incomplete, department, client, way):
    target = incomplete.translation.get_target_instance()
    client.force_login(make_user("publisher", groups=["allier:publisher"]))
    edit = reverse("wagtailadmin_pages:edit", args=[target.pk])
    if way == "editor":
        response = client.post(edit, {"action": "publish"}, follow=True)
    elif way == "bulk action":
        url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
        response = client.post(f"{url}?id={target.pk}", follow=True)
    else:
        translator = make_user("translator", groups=["allier:translator:en"])
        client.force_login(translator)
        answer = client.post(reverse("translation_approval", args=[incomplete.translation.pk]), follow=True)
        assert "1 des 5 textes" in shown_messages(answer), "submitting warns"
        client.force_login(make_user("reviewer", groups=["allier:reviewer:en"]))
        task = Page.objects.get(pk=target.pk).current_workflow_task_state
        approve = reverse("wagtailadmin_pages:workflow_action", args=[target.pk, "approve", task.pk])
        response = client.post(approve, {"comment": ""}, follow=True)
    assert "des 5 textes" in shown_messages(response)
    assert not Page.objects.get(pk=target.pk).live


@pytest.mark.django_db
def test_a_department_may_allow_it_and_readers_see_it(incomplete, department):
    department.publishes_partial_translations = True
    department.save()
    page = incomplete.publish()
    state = document(page)["translation"]
    assert (state["status"], state["progress"]) == ("incomplete", {"segments": 5, "translated": 4})
    department.publishes_partial_translations = False
    department.save()
    page.refresh_from_db()
    page.save()  # It is public already: other changes of it are still possible.
    with pytest.raises(ValidationError):
        incomplete.publish()


@pytest.mark.django_db
def test_a_text_without_letters_needs_no_translation(incomplete):
    incomplete.edit(summary="2026 – 100 %")
    assert document(incomplete.publish())["translation"]["status"] == "translated"


@pytest.mark.django_db
def test_a_text_added_later_does_not_hold_back_other_changes_of_the_public_page(translated):
    translated.write(translated.texts)
    page = translated.publish()
    translated.edit(search_description="Une description.")
    page.refresh_from_db()
    page.save()
    assert document(page)["translation"]["stale"] is True


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["editor", "synchronisation", "draft"])
def test_a_refused_publication_leaves_the_public_page_as_it_was(translated, client, way):
    translated.write(translated.texts)
    page = translated.publish()
    before = document(page)
    block = translated.page.body.get_prep_value()
    block[0]["value"] += "<p>Venez avec vos papiers.</p>"
    translated.edit(body=json.dumps(block))
    client.force_login(make_user("publisher", groups=["allier:publisher"]))
    edit = reverse("wagtailadmin_pages:edit", args=[page.pk])
    if way == "synchronisation":
        url = reverse("wagtail_localize:update_translations", args=[translated.source.pk])
        client.post(url, {"publish_translations": "on"})
    else:
        client.post(edit, {"action": "publish"} if way == "editor" else {"action": "save-draft"})
    page.refresh_from_db()
    assert "papiers" not in str(page.specific.body)
    after = document(page)
    assert after["content"] == before["content"]
    assert after["translation"]["stale"] is True


@pytest.mark.django_db
def test_a_public_alias_that_is_sent_to_translation_is_incomplete(department, commits):
    english = department.locales.get(language_code="en")
    with commits():
        page = make_page(StandardPage, department, title="Contact", slug="contact")
        alias = page.copy_for_translation(english, copy_parents=True, alias=True)
    assert alias.live
    with commits():
        source, _created = TranslationSource.update_or_create_from_instance(page)
        Translation.objects.create(source=source, target_locale=english).save_target(publish=False)
    state = document(page)["translation"]
    assert (state["status"], state["progress"]["translated"]) == ("incomplete", 0)


@pytest.mark.django_db(transaction=True)
def test_a_former_version_in_the_source_language_is_not_published(translated, client):
    """A revision to which somebody goes back is made without wagtail-localize."""
    first = translated.translation.get_target_instance().latest_revision
    translated.write(translated.texts)
    page = translated.publish()
    page.refresh_from_db()
    former = first.as_object()
    former.save_revision()
    client.force_login(make_user("publisher", groups=["allier:publisher"]))
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    Page.objects.get(pk=page.pk).unpublish()
    response = client.post(f"{url}?id={page.pk}", follow=True)
    assert "5 des 5 textes" in shown_messages(response)
    assert not Page.objects.get(pk=page.pk).live


@pytest.mark.django_db
def test_a_translation_saved_by_other_code_is_recorded_when_it_is_published(translated, commits):
    translated.write(translated.texts)
    page = translated.publish().specific
    with commits():
        page.save_revision().publish()
    state = document(page)["translation"]
    assert (state["status"], state["progress"]) == ("translated", {"segments": 5, "translated": 5})


@pytest.mark.django_db
def test_readers_are_informed_that_an_alias_in_another_language_is_not_translated(department, commits):
    """wagtail-localize makes some of pages above a translated one."""
    with commits():
        page = make_page(
            StandardPage, department, title="Aide alimentaire", slug="aide", summary=MISSING,
            body=[("text", "<p>Ouvert le lundi.</p><p>2026</p>")],
        )  # fmt: skip
        alias = page.copy_for_translation(department.locales.get(language_code="en"), alias=True, copy_parents=True)
    data = document(alias)
    state = data["translation"]
    assert alias.alias_of_id == page.pk
    assert (state["status"], state["source_locale"], state["progress"]) == ("incomplete", "fr", None)
    assert state["source_url"].endswith("/fr/aide/")
    assert {"/title", "/summary", "/content/body/0/value"} <= set(state["untranslated"])
    assert '<p><span lang="fr">Ouvert le lundi.</span></p><p>2026</p>' in data["content"]["body"][0]["value"]
    with commits():
        queue_headers([alias.pk])
    assert document(alias) == data
    with commits():
        same = page.create_alias(parent=page.get_parent(), update_slug="autre")
    assert PublishedDocument.objects.get(page_id=same.pk).data["translation"]["status"] == "original"
