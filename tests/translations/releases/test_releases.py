"""A release publishes the original and the chosen translations together, or nothing."""

import json

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, PageLogEntry, TaskState
from wagtail_localize.models import SegmentOverride, StringTranslation, TranslationContext

from cms.delivery.models import PublishedDocument
from cms.pages.models import StandardPage
from cms.translations.board.states import BoardState, load_entries
from cms.translations.digest.digest_mail import send_digests
from cms.translations.digest.digest_work import WorkKind, work_by_account
from cms.translations.editor.editor_segments import editor_segments, state_digest
from cms.translations.models import PlannedRelease, TranslatedRevision
from tests.factories.users import make_user

from .conftest import messages_of

pytestmark = pytest.mark.django_db

OLD, NEW = "Un repas chaud par jour.", "Deux repas chauds par jour."


def texts_of(response):
    return " ".join(response.content.decode().split())


def refusals_of(response):
    return [" ".join(text.split()) for text in response.context["refusals"]]


def approve_all(content):
    content.log_in()
    for code in content.translations:
        content.write(code, NEW)
        content.approve(code)


def state_of(content, code):
    locale = content.translations[code].target_locale
    return load_entries(content.department, [locale])[content.page.translation_key, locale.pk]


def test_the_original_and_its_translations_are_published_at_once(planned):
    approve_all(planned)
    first = PublishedDocument.objects.order_by("-sequence").values_list("sequence", flat=True).first()
    response = planned.release("en", "it")
    assert messages_of(response) == ["« Aide alimentaire » a été publié avec 2 traductions."]
    assert planned.document("fr")["summary"] == NEW
    for code in ("en", "it"):
        document = planned.document(code)
        assert document["summary"] == f"{code} {NEW}"
        assert (document["translation"]["status"], document["translation"]["stale"]) == ("reviewed", False)
        assert document["translation"]["source_revision"] is not None
        assert state_of(planned, code).state == BoardState.PUBLISHED
        assert not Page.objects.get(pk=planned.target(code).pk).has_unpublished_changes
    rows = PublishedDocument.objects.filter(content_id=planned.page.translation_key)
    assert sorted(row - first for row in rows.values_list("sequence", flat=True)) == [1, 2, 3]
    assert not PlannedRelease.objects.exists()
    entries = PageLogEntry.objects.filter(action="translations.released")
    assert {entry.page_id for entry in entries} == {
        planned.page.pk, *(planned.target(code).pk for code in ("en", "it")),
    }  # fmt: skip
    assert {entry.user_id for entry in entries} == {planned.user.pk}
    for page in (planned.page, planned.target("en"), planned.target("it")):
        history = planned.client.get(reverse("wagtailadmin_pages:history", args=[page.pk])).context["object_list"]
        assert [entry.action for entry in history][:2] == ["translations.released", "wagtail.publish"]


def test_a_language_that_is_left_out_stays_as_it_is_and_is_outdated(planned):
    approve_all(planned)
    planned.release("en")
    assert planned.document("en")["summary"] == f"en {NEW}"
    italian = planned.document("it")
    assert italian["summary"] == f"it {OLD}"
    assert italian["translation"]["stale"] is True
    assert state_of(planned, "it").state == BoardState.OUTDATED
    planned.edit("it", "publish")
    assert planned.document("it")["summary"] == f"it {NEW}"
    assert planned.document("it")["translation"]["stale"] is False


def test_nothing_is_published_if_a_chosen_language_is_not_ready(planned):
    planned.log_in()
    planned.write("en", NEW)
    planned.approve("en")
    before = list(PublishedDocument.objects.order_by("pk").values_list("body", "sequence"))
    response = planned.release("en", "it")
    assert refusals_of(response) == [
        "Italien : 1 texte est la traduction d’un ancien texte : modifiez-la, ou confirmez qu’elle convient encore."
    ]
    assert list(PublishedDocument.objects.order_by("pk").values_list("body", "sequence")) == before
    assert PlannedRelease.objects.exists()
    assert StandardPage.objects.get(pk=planned.page.pk).summary == OLD


def test_a_locked_page_is_named_and_nothing_is_published(planned):
    approve_all(planned)
    Page.objects.filter(pk=planned.target("it").pk).update(locked=True)
    response = planned.release("en", "it")
    assert refusals_of(response) == ["Italien : Elle est verrouillée."]
    assert planned.document("fr")["summary"] == OLD


@pytest.mark.parametrize("change", ["draft", "text", "deleted text"])
def test_a_change_after_the_approval_needs_another_one(planned, change):
    approve_all(planned)
    assert state_of(planned, "en").state == BoardState.APPROVED
    if change == "draft":
        planned.draft(search_description="Une description.")
        planned.write("en", "Une description.")
    elif change == "text":
        planned.write("en", NEW, text="Two meals.")
    else:
        with planned.commits():
            StringTranslation.objects.get(translation_of__data=NEW, locale=planned.key("en")).delete()
    assert state_of(planned, "en").state == BoardState.RELEASE
    assert refusals_of(planned.release("en"))[0].startswith("Anglais : ")
    assert planned.document("en")["summary"] == f"en {OLD}"


def test_texts_that_the_form_did_not_show_are_not_approved(planned):
    planned.log_in()
    shown = state_digest(editor_segments(planned.translations["en"]))
    planned.write("en", NEW)
    response = planned.edit("en", "approve_for_release", state=shown)
    assert "ses textes ont changé" in " ".join(messages_of(response))
    assert state_of(planned, "en").state == BoardState.RELEASE


def test_an_approval_ends_when_a_later_step_rejects_the_revision(planned):
    make_user("reviewer", groups=["allier:reviewer:en"])
    planned.log_in("translator:en")
    planned.write("en", NEW)
    planned.edit("en", "submit")
    step = TaskState.objects.get(workflow_state__object_id=str(planned.target("en").pk))
    with planned.commits():
        step.status = TaskState.STATUS_APPROVED
        step.save()
    record = TranslatedRevision.objects.get(pk=step.revision_id)
    assert record.reviewed_at is not None
    with planned.commits():
        TaskState.objects.create(
            task=step.task, workflow_state=step.workflow_state, revision=step.revision, status=TaskState.STATUS_REJECTED
        )
    record.refresh_from_db()
    assert (record.reviewed_at, record.reviewed_by) == (None, None)
    assert not planned.progress("en").is_approved


def test_an_approval_ends_with_a_change_of_an_image_or_link(planned):
    approve_all(planned)
    context = TranslationContext.objects.filter(object=planned.page.translation_key).first()
    with planned.commits():
        override = SegmentOverride.objects.create(locale_id=planned.key("en"), context=context, data_json="1")
    assert state_of(planned, "en").state == BoardState.RELEASE
    assert state_of(planned, "it").state == BoardState.APPROVED
    planned.approve("en")
    assert state_of(planned, "en").state == BoardState.APPROVED
    with planned.commits():
        override.delete()
    assert state_of(planned, "en").state == BoardState.RELEASE
    assert refusals_of(planned.release("en"))[0].startswith("Anglais : Personne n’a approuvé")


def test_work_on_another_language_does_not_stop_a_release(planned):
    planned.log_in()
    planned.write("en", NEW)
    planned.approve("en")
    seen = planned.open().context["state"].digest
    planned.write("it", NEW)
    planned.release("en", state=seen)
    assert planned.document("en")["summary"] == f"en {NEW}"


def test_what_the_user_has_not_seen_is_not_published(planned):
    approve_all(planned)
    seen = planned.open().context["state"].digest
    planned.draft(show_in_menus=True)
    response = planned.release("en", state=seen)
    assert refusals_of(response) == [
        "L’original ou une traduction a changé depuis l’ouverture de cet écran. Relisez-le."
    ]
    assert refusals_of(planned.release(state=seen))[0].startswith("Choisissez au moins une langue")
    planned.release("en")
    assert planned.document("en")["summary"] == f"en {NEW}"


def test_values_that_are_no_text_are_those_of_the_draft(planned):
    approve_all(planned)
    planned.draft(show_in_menus=True)
    planned.release("en", "it")
    assert StandardPage.objects.get(pk=planned.target("en").pk).show_in_menus is True
    record = TranslatedRevision.objects.get(pk=planned.target("en").live_revision_id)
    assert record.reviewed_by == planned.user


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["board", "editor", "localize", "synchronisation"])
def test_a_translation_is_not_published_without_its_release(planned, way):
    planned.log_in()
    planned.write("en", NEW)
    target = planned.target("en")
    if way == "board":
        url = reverse("translation_board_action", args=["publish"])
        values = {"cell": f"{planned.page.pk}-{planned.key('en')}", "confirmed": "1"}
        response = planned.client.post(url, values, follow=True)
    elif way == "editor":
        response = planned.edit("en", "publish")
    elif way == "localize":
        url = reverse("wagtailadmin_pages:edit", args=[target.pk])
        response = planned.client.post(url, {"action": "publish"}, follow=True)
    else:
        url = reverse("wagtail_localize:update_translations", args=[planned.source.pk])
        response = planned.client.post(url, {"publish_translations": "on"}, follow=True)
    assert "sur l’écran de la publication groupée" in " ".join(messages_of(response))
    assert planned.document("en")["summary"] == f"en {OLD}"
    assert StandardPage.objects.get(pk=target.pk).summary == f"en {OLD}"
    assert PlannedRelease.objects.exists()


def test_an_approval_waits_for_the_release(planned):
    reviewer = make_user("reviewer", groups=["allier:reviewer:en"])
    planned.log_in("translator:en")
    planned.write("en", NEW)
    planned.edit("en", "submit")
    assert state_of(planned, "en").state == BoardState.AWAITING_REVIEW
    planned.client.force_login(planned.user)
    assert refusals_of(planned.release("en")) == ["Anglais : Elle attend la relecture : ouvrez-la pour l’approuver."]
    planned.client.force_login(reviewer)
    response = planned.edit("en", "approve")
    assert messages_of(response) == ["« en Aide alimentaire » est approuvé, et attend sa publication groupée."]
    assert state_of(planned, "en").state == BoardState.APPROVED
    assert planned.document("en")["summary"] == f"en {OLD}"
    planned.client.force_login(planned.user)
    planned.release("en")
    assert planned.document("en")["summary"] == f"en {NEW}"
    assert planned.document("en")["translation"]["reviewed_at"]
    record = TranslatedRevision.objects.get(pk=planned.target("en").live_revision_id)
    assert record.reviewed_by == reviewer


def test_the_daily_email_tells_who_prepares_a_release_that_everything_is_approved(planned):
    today = timezone.localdate()
    assert planned.user.pk not in work_by_account(today)
    approve_all(planned)
    (item,) = work_by_account(today)[planned.user.pk]
    assert (item.kind, item.page_id) == (WorkKind.TO_RELEASE, planned.page.pk)
    mail.outbox.clear()
    with planned.commits():
        send_digests()
    (message,) = [each for each in mail.outbox if each.to == [planned.user.email]]
    assert "Toutes les traductions de votre publication groupée sont approuvées" in message.body
    assert planned.url in message.body
    planned.release("en", "it")
    assert planned.user.pk not in work_by_account(today)


def test_an_incomplete_translation_is_not_approved(planned):
    planned.draft(search_description="Une description.")
    planned.log_in()
    response = planned.approve("en")
    assert "1 des 6 textes" in messages_of(response)[0]
    assert not planned.progress("en").is_approved


def test_a_department_that_allows_it_releases_incomplete_translations(planned):
    planned.department.publishes_partial_translations = True
    planned.department.save()
    planned.draft(search_description="Une description.")
    planned.log_in()
    planned.write("en", NEW)
    planned.approve("en")
    planned.release("en")
    assert planned.document("en")["translation"]["status"] == "incomplete"


def test_an_original_that_was_never_public_is_released_with_its_translations(make_content):
    content = make_content(live=False)
    content.plan()
    content.log_in()
    for code in ("en", "it"):
        content.write(code)
        content.approve(code)
        assert not content.target(code).live
    content.release("en", "it")
    assert content.document("fr")["summary"] == OLD
    assert content.document("it")["summary"] == f"it {OLD}"


@pytest.mark.parametrize("role", ["editor", "translator:en", "reviewer:en", "media_manager"])
def test_only_publishers_release(planned, role):
    approve_all(planned)
    state = planned.open().context["state"].digest
    planned.log_in(role)
    data = {"action": "publish", "language": [planned.key("en")], "state": state}
    with planned.commits():
        response = planned.client.post(planned.url, data)
    assert response.status_code == (200 if role == "editor" else 404)
    if role == "editor":
        assert refusals_of(response)[0] == "Original : Vous n’avez pas le droit de la publier."
    assert planned.document("fr")["summary"] == OLD


def queries_of(send):
    with CaptureQueriesContext(connection) as queries:
        send()
    return len(queries)


def test_the_number_of_queries_depends_on_the_languages_only(planned):
    counts = []
    for paragraphs in (2, 22):
        block = planned.page.body.get_prep_value()
        block[0]["value"] = "".join(f"<p>Paragraphe {number}.</p>" for number in range(paragraphs))
        planned.draft(body=json.dumps(block))
        for code in planned.translations:
            planned.write(code)
        planned.log_in()
        for code in planned.translations:
            planned.approve(code)
        state = planned.open().context["state"]
        assert {language.reason for language in state.languages} == {""}
        data = {"action": "publish", "language": [planned.key("en"), planned.key("it")], "state": state.digest}
        shown = queries_of(planned.open)
        with transaction.atomic():
            published = queries_of(lambda data=data: planned.client.post(planned.url, data))
            transaction.set_rollback(True)
        counts.append((shown, published))
    assert counts[0] == counts[1]
    shown, published = counts[0]
    assert shown < 75
    assert published < 500


def test_the_texts_of_a_machine_are_checked_by_an_approval(planned):
    planned.log_in()
    planned.write("en", NEW)
    StringTranslation.objects.filter(translation_of__data=NEW, locale=planned.key("en")).update(
        translation_type=StringTranslation.TRANSLATION_TYPE_MACHINE, tool_name="DeepL"
    )
    assert refusals_of(planned.release("en"))[0].startswith("Anglais : Personne n’a encore vérifié")
    planned.approve("en")
    planned.release("en")
    assert planned.document("en")["translation"]["status"] == "reviewed"
    row = StringTranslation.objects.get(translation_of__data=NEW, locale=planned.key("en"))
    assert (row.translation_type, row.tool_name) == (StringTranslation.TRANSLATION_TYPE_MANUAL, "DeepL")


def test_the_screens_show_the_release(planned):
    planned.log_in()
    board = texts_of(planned.client.get(reverse("translation_board")))
    assert "en préparation : 0 sur 2 langues approuvées" in board
    assert planned.url in board
    page = texts_of(planned.client.get(reverse("wagtailadmin_pages:edit", args=[planned.page.pk])))
    assert planned.url in page
    editor = reverse("translation_editor", args=[planned.translations["en"].pk])
    assert "Approuver pour la publication groupée" in texts_of(planned.client.get(editor))
    screen = texts_of(planned.open())
    assert "pas prête" in screen
    planned.log_in("translator:en")
    shown = texts_of(planned.client.get(editor))
    assert "brouillon de l’original" in shown
    assert planned.url not in shown
