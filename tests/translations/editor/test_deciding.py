"""A translation is submitted, commented on, sent back, and approved, on one screen."""

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.utils import timezone
from wagtail.models import TaskState, WorkflowState

from cms.translations.editor import saving
from cms.translations.editor.saving import COMMENT, RESOLVED, TEXT
from cms.translations.models import SegmentComment, TranslatedRevision
from tests.factories.users import make_user

from .conftest import messages_of

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

SUMMARY = "Un repas chaud par jour."
TITLE = "Aide alimentaire"


@pytest.fixture
def submitted(editor, translated):
    """The translator has submitted a complete translation; a reviewer of the language is logged in."""
    make_user("reviewer", groups=["allier:reviewer:en"])
    editor.log_in("translator", "translator:en")
    response = editor.write(translated.texts, action="submit")
    assert [level for level, _text in messages_of(response)] == ["success"]
    return editor


def page_of(editor):
    return editor.translation.get_target_instance()


def state_of(editor):
    return WorkflowState.objects.get(object_id=str(page_of(editor).pk))


def recipients():
    return [message.to for message in mail.outbox]


def test_a_submitted_translation_waits_and_its_reviewer_is_notified(submitted):
    assert not page_of(submitted).live
    assert ["reviewer@example.org"] in recipients()
    content = submitted.open().content.decode()
    assert "attend la relecture" in content
    assert "readonly" in content
    assert 'value="approve"' not in content
    assert "sent" not in [level for level, _text in messages_of(submitted.write({SUMMARY: "Changed."}))]
    assert submitted.stored()[SUMMARY] == "A hot meal a day."


def test_a_reviewer_sends_back_with_comments_and_the_translator_answers(submitted, translated, client):
    mail.outbox.clear()
    client.force_login(reviewer())
    segment = submitted.segment(SUMMARY)
    content = submitted.open().content.decode()
    assert 'value="approve"' in content
    assert 'value="send_back"' in content
    response = submitted.send({COMMENT + segment.key: "“Every day” & warm?", "comment": "Nearly done."}, "send_back")
    assert [level for level, _text in messages_of(response)] == ["success"]
    assert not page_of(submitted).live
    assert state_of(submitted).status == WorkflowState.STATUS_NEEDS_CHANGES
    (message,) = [each for each in mail.outbox if each.to == ["translator@example.org"]]
    for words in ("Nearly done.", "“Every day” & warm?", SUMMARY):
        assert words in message.body

    client.force_login(translator())
    content = submitted.open(show="comments").content.decode()
    assert "Nearly done." in content
    assert "“Every day” &amp; warm?" in content
    assert "Ouvert le lundi." not in content
    comment = SegmentComment.objects.get()
    data = submitted.fields({SUMMARY: "A warm meal every day."}) | {RESOLVED + str(comment.pk): "1"}
    response = submitted.send(data, "submit")
    assert [level for level, _text in messages_of(response)] == ["success"]
    comment.refresh_from_db()
    assert (comment.resolved_by.username, comment.author.username) == ("translator", "reviewer")
    assert state_of(submitted).status == WorkflowState.STATUS_IN_PROGRESS

    client.force_login(reviewer())
    mail.outbox.clear()
    response = submitted.send({}, "approve")
    assert [level for level, _text in messages_of(response)] == ["success"]
    page = page_of(submitted)
    assert page.live
    assert page.summary == "A warm meal every day."
    record = TranslatedRevision.objects.get(pk=page.live_revision_id)
    assert record.reviewed_by.username == "reviewer"
    assert ["translator@example.org"] in recipients()


def reviewer():
    return get_user_model().objects.get(username="reviewer")


def translator():
    return get_user_model().objects.get(username="translator")


def test_sending_back_needs_a_reason(submitted, client):
    client.force_login(reviewer())
    response = submitted.send({"comment": "  "}, "send_back")
    assert [level for level, _text in messages_of(response)] == ["error"]
    assert state_of(submitted).status == WorkflowState.STATUS_IN_PROGRESS


def test_what_a_reviewer_changes_is_what_is_approved(submitted, client):
    client.force_login(reviewer())
    before = state_of(submitted).current_task_state.revision_id
    submitted.write({SUMMARY: "A warm meal every day."}, "approve")
    page = page_of(submitted)
    assert (page.live, page.summary) == (True, "A warm meal every day.")
    task_state = TaskState.objects.get(workflow_state=state_of(submitted))
    assert task_state.revision_id == page.live_revision_id != before
    assert TranslatedRevision.objects.get(pk=page.live_revision_id).reviewed_by.username == "reviewer"


def test_an_unchanged_translation_is_approved_as_it_was_submitted(submitted, client):
    client.force_login(reviewer())
    before = state_of(submitted).current_task_state.revision_id
    submitted.send({}, "approve")
    assert page_of(submitted).live_revision_id == before


def test_an_incomplete_translation_is_not_approved_and_nothing_changes(submitted, client):
    client.force_login(reviewer())
    response = submitted.write({SUMMARY: ""}, "approve")
    assert [level for level, _text in messages_of(response)] == ["error"]
    assert "1 " in messages_of(response)[0][1]
    assert not page_of(submitted).live
    assert state_of(submitted).status == WorkflowState.STATUS_IN_PROGRESS


@pytest.mark.parametrize("action", ["approve", "send_back", "publish"])
def test_a_translator_decides_nothing(submitted, action):
    response = submitted.send({"comment": "x"}, action)
    assert [level for level, _text in messages_of(response)] == ["error"]
    assert not page_of(submitted).live
    assert state_of(submitted).status == WorkflowState.STATUS_IN_PROGRESS


def test_a_second_decision_finds_the_first(submitted, client):
    client.force_login(reviewer())
    submitted.send({}, "approve")
    response = submitted.send({"comment": "x"}, "send_back")
    assert [level for level, _text in messages_of(response)] == ["error"]
    assert page_of(submitted).live


def test_who_publishes_alone_has_a_button(editor, translated):
    editor.log_in("publisher", "publisher")
    assert 'value="publish"' in editor.open().content.decode()
    response = editor.write(translated.texts, "publish")
    assert [level for level, _text in messages_of(response)] == ["success"]
    assert page_of(editor).live


def test_an_incomplete_translation_is_not_published(editor):
    editor.log_in("publisher", "publisher")
    response = editor.write({TITLE: "Food aid"}, "publish")
    assert [level for level, _text in messages_of(response)] == ["error"]
    assert not page_of(editor).live
    assert editor.stored() == {TITLE: "Food aid"}


def test_a_refused_text_stops_the_decision(submitted, client):
    client.force_login(reviewer())
    response = submitted.write({TITLE: "x" * 256}, "approve")
    assert [level for level, _text in messages_of(response)] == ["error"]
    assert not page_of(submitted).live


def test_comments_survive_a_change_of_the_original(submitted, translated, client):
    client.force_login(reviewer())
    submitted.send({COMMENT + submitted.segment(SUMMARY).key: "Too long?"})
    translated.edit(summary="Un repas chaud chaque jour.")
    translated.source.update_from_db()
    (comment,) = submitted.segment("Un repas chaud chaque jour.").comments
    assert comment.text == "Too long?"


def test_a_comment_that_is_too_long_is_kept_in_the_form(submitted, client):
    client.force_login(reviewer())
    key = submitted.segment(SUMMARY).key
    response = submitted.send({COMMENT + key: "x" * 2_001})
    assert not SegmentComment.objects.exists()
    segment = next(each for each in response.context["texts"] if each.source == SUMMARY)
    assert segment.typed_comment == "x" * 2_001


def test_comments_of_another_translation_stay_open(submitted, translated, department, client, commits):
    other = SegmentComment.objects.create(
        translation=submitted.translation, text="x", author=reviewer(),
        context=submitted.segment(SUMMARY).text.segment.context, string=submitted.segment(SUMMARY).text.segment.string,
    )  # fmt: skip
    key = submitted.segment(SUMMARY).key
    submitted.send({RESOLVED + str(other.pk + 1): "1", RESOLVED + "x": "1", TEXT + key: "A hot meal a day."})
    other.refresh_from_db()
    assert other.resolved_at is None


def test_an_approval_is_of_the_texts_that_were_read(submitted, translated, client):
    client.force_login(reviewer())
    read = submitted.open().context["state"]
    translated.write({SUMMARY: "Never read by the reviewer."})
    response = submitted.send({"state": read}, "approve")
    assert [level for level, _text in messages_of(response)] == ["error"]
    assert not page_of(submitted).live
    assert "Never read" in response.content.decode()


def test_saving_in_the_background_does_not_hide_the_change_of_somebody_else(submitted, translated, client):
    client.force_login(reviewer())
    read = submitted.open().context["state"]
    data = submitted.fields({SUMMARY: "A warm meal."}) | {"state": read}
    own = submitted.send(data, HTTP_ACCEPT="application/json").json()["state"]
    assert own == submitted.open().context["state"]
    translated.write({TITLE: "Never read by the reviewer."})
    data = submitted.fields({SUMMARY: "A hot meal."}) | {"state": own}
    assert submitted.send(data, HTTP_ACCEPT="application/json").json()["state"] == own


def test_open_comments_are_limited(submitted, client, monkeypatch):
    client.force_login(reviewer())
    monkeypatch.setattr(saving, "MAX_OPEN_COMMENTS", 2)
    keys = [submitted.segment(source).key for source in (SUMMARY, TITLE, "Ouvert le lundi.")]
    submitted.send({COMMENT + key: "x" for key in keys})
    assert SegmentComment.objects.count() == 2
    SegmentComment.objects.update(resolved_at=timezone.now())
    submitted.send({COMMENT + keys[0]: "x"})
    assert SegmentComment.objects.count() == 3


def test_of_the_comments_that_are_done_the_last_ones_are_kept(submitted, client, monkeypatch):
    client.force_login(reviewer())
    monkeypatch.setattr(saving, "MAX_DONE_COMMENTS", 3)
    key = submitted.segment(TITLE).key
    for number in range(6):
        submitted.send({COMMENT + key: f"comment {number}"})
        (opened,) = SegmentComment.objects.filter(resolved_at=None)
        submitted.send({RESOLVED + str(opened.pk): "on"})
    texts = SegmentComment.objects.order_by("pk").values_list("text", flat=True)
    assert list(texts) == ["comment 3", "comment 4", "comment 5"]


def test_a_comment_beside_a_refused_text_is_stored_once_and_shown(submitted, client):
    client.force_login(reviewer())
    key = submitted.segment(TITLE).key
    data = submitted.fields({TITLE: "x" * 256}) | {COMMENT + key: "Too long?"}
    response = submitted.send(data)
    segment = next(each for each in response.context["texts"] if each.key == key)
    assert (segment.typed, segment.typed_comment) == ("x" * 256, "")
    assert [comment.text for comment in segment.comments] == ["Too long?"]
