"""The draft of a public original is translated, while its public translations stay as they are."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from wagtail.models import Page, PageLogEntry
from wagtail_localize.models import StringTranslation, Translation

from cms.delivery.refresh_requests import queue_headers
from cms.pages.models import StandardPage
from cms.translations.board.accepted_changes import accept_changes
from cms.translations.board.dashboard_panels import translation_progress
from cms.translations.board.states import BoardState, load_entries
from cms.translations.models import OutdatedTranslation, PlannedRelease
from cms.translations.releases.release_plans import end_release, plan_release

pytestmark = pytest.mark.django_db

OLD, NEW = "Un repas chaud par jour.", "Deux repas chauds par jour."


def test_a_draft_is_not_translated_without_a_release(content):
    content.draft(summary=NEW)
    assert OLD in content.texts()
    assert NEW not in content.texts()


def test_a_planned_release_translates_the_draft_and_marks_no_public_page(planned):
    assert NEW in planned.texts()
    assert OLD not in planned.texts()
    for code in ("en", "it"):
        progress = planned.progress(code)
        assert (progress.translated, progress.segments, progress.outdated) == (5, 5, 1)
        assert (progress.public_outdated, progress.public_outdated_since) == (0, None)
        document = planned.document(code)
        assert document["translation"]["stale"] is False
        assert document["summary"] == f"{code} {OLD}"
    mark = OutdatedTranslation.objects.get(string_translation__locale=planned.key("en"))
    assert mark.former_source == OLD


def test_each_later_draft_is_translated(planned):
    planned.write("en", NEW)
    planned.draft(summary="Trois repas chauds par jour.")
    assert "Trois repas chauds par jour." in planned.texts()
    mark = OutdatedTranslation.objects.get(string_translation__locale=planned.key("en"))
    assert (mark.former_source, mark.string_translation.data) == (NEW, f"en {NEW}")
    assert planned.progress("en").public_outdated == 0


def test_the_end_of_the_preparation_restores_the_public_texts_and_loses_none(planned):
    planned.write("en", NEW)
    with planned.commits():
        end_release(planned.page, planned.user)
    assert sorted(planned.texts()) == sorted(
        ("Aide alimentaire", "aide-alimentaire", OLD, "Ouvert le lundi.", "Fermé en août.")
    )
    progress = planned.progress("en")
    assert (progress.translated, progress.outdated, progress.public_outdated) == (5, 0, 0)
    rows = StringTranslation.objects.filter(locale=planned.key("en"))
    assert {f"en {OLD}", f"en {NEW}"} <= set(rows.values_list("data", flat=True))
    assert planned.document("en")["translation"]["stale"] is False
    planned.plan()
    assert planned.progress("en").outdated == 0, "the translation of the draft is there again"


def test_a_translation_outdated_before_the_release_stays_outdated(content):
    with content.commits():
        page = StandardPage.objects.get(pk=content.page.pk)
        page.summary = NEW
        page.save_revision().publish()
    assert content.document("en")["translation"]["stale"] is True
    content.draft(summary="Trois repas chauds par jour.")
    content.plan()
    assert content.progress("en").public_outdated == 1
    assert content.document("en")["translation"]["stale"] is True


def test_kept_changes_of_a_draft_do_not_touch_the_public_page(planned):
    with planned.commits():
        assert accept_changes(planned.translations["en"], planned.target("en"), planned.user) == 1
    progress = planned.progress("en")
    assert (progress.outdated, progress.public_outdated) == (0, 0)


def test_the_publication_of_the_original_alone_ends_the_release(planned):
    with planned.commits():
        StandardPage.objects.get(pk=planned.page.pk).get_latest_revision().publish(user=planned.user)
    assert not PlannedRelease.objects.exists()
    assert NEW in planned.texts()
    assert planned.progress("en").public_outdated == 1
    assert planned.document("en")["translation"]["stale"] is True


def test_a_language_that_is_requested_later_gets_the_draft(planned, commits):
    with commits():
        Translation.objects.filter(target_locale=planned.key("it")).delete()
    with commits():
        translation = Translation.objects.create(
            source=planned.source, target_locale=planned.department.locales.get(language_code="it")
        )
    assert NEW in planned.texts()
    assert translation.progress.segments == 5


def test_a_request_during_a_release_does_not_show_the_draft_at_a_public_alias(content, commits):
    italian = content.department.locales.get(language_code="it")
    with commits():
        content.translations.pop("it").delete()
        Page.objects.get(translation_key=content.page.translation_key, locale=italian).delete()
    with commits():
        alias = content.page.copy_for_translation(italian, alias=True, copy_parents=True)
    content.draft(summary=NEW)
    content.plan()
    content.log_in()
    url = reverse("translation_submit_page", args=[content.page.pk])
    before = content.document("it")
    with commits():
        content.client.post(url, {"locales": [italian.pk]})
    page = StandardPage.objects.get(pk=alias.pk)
    assert (page.summary, page.alias_of, page.live) == (OLD, None, True)
    assert page.get_latest_revision_as_object().summary == NEW
    with commits():
        queue_headers([page.pk])
    after = content.document("it")
    assert (after["summary"], after["translation"]["status"]) == (before["summary"], "incomplete")
    assert after["translation"]["untranslated"] == before["translation"]["untranslated"]
    content.translations["it"] = Translation.objects.get(source=content.source, target_locale=italian)
    content.write("it")
    content.approve("it")
    content.release("it")
    assert content.document("it")["summary"] == f"it {NEW}"


@pytest.mark.parametrize("state", ["outdated", "untranslated"])
def test_texts_of_the_draft_do_not_replace_those_of_the_public_original(content, state):
    public = "Trois repas chauds par jour."
    with content.commits():
        page = StandardPage.objects.get(pk=content.page.pk)
        page.summary = public
        page.save_revision().publish()
    if state == "untranslated":
        with content.commits():
            StringTranslation.objects.filter(translation_of__data=public).delete()
    content.draft(summary=NEW)
    content.plan()
    content.write("en", NEW)
    with content.commits():
        end_release(content.page, content.user)
    rows = StringTranslation.objects.filter(translation_of__data=public, locale=content.key("en"))
    assert list(rows.values_list("data", flat=True)) == ([f"en {OLD}"] if state == "outdated" else [])
    assert StringTranslation.objects.filter(data=f"en {NEW}").exists()


def test_a_release_is_planned_once_and_only_with_a_translation(planned):
    with pytest.raises(ValidationError):
        plan_release(planned.page, planned.user)
    Translation.objects.update(enabled=False)
    PlannedRelease.objects.all().delete()
    with pytest.raises(ValidationError):
        plan_release(planned.page, planned.user)
    with pytest.raises(ValidationError):
        end_release(planned.page, planned.user)
    actions = PageLogEntry.objects.filter(page=planned.page.pk).values_list("action", flat=True)
    assert list(actions).count("translations.release_planned") == 1


def test_the_board_tells_what_the_public_pages_of_a_release_lack(department, make_content):
    department.publishes_partial_translations = department.publishes_machine_translations = True
    department.save()
    content = make_content()
    content.write("en", content.texts()[0])
    content.write("it")
    StringTranslation.objects.filter(locale=content.key("it")).update(translation_type="machine")
    content.publish_translations()
    content.draft(summary="Deux repas chauds par jour.")
    content.plan()
    entries = load_entries(department, [each.target_locale for each in content.translations.values()])
    states = {code: entries[content.page.translation_key, content.key(code)].public_state for code in ("en", "it")}
    assert states == {"en": BoardState.INCOMPLETE, "it": BoardState.MACHINE}
    assert [row.up_to_date for row in translation_progress(department)] == [0, 1]
