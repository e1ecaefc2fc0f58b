"""A guest reviews one translation with a link: reads, comments, sends back, approves, and sees nothing else."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core import mail
from django.test import Client
from django.utils import timezone
from wagtail.models import PageLogEntry, WorkflowState

from cms.management.expired_rows import delete_expired_rows
from cms.translations.editor import saving
from cms.translations.editor.editor_segments import editor_segments, state_digest
from cms.translations.editor.saving import COMMENT
from cms.translations.guests import review_views
from cms.translations.guests.link_changes import make_link
from cms.translations.guests.link_tokens import new_token
from cms.translations.guests.valid_links import open_review
from cms.translations.models import GuestLink, GuestLinkUse, SegmentComment
from tests.factories.users import make_user

from .conftest import messages_of

pytestmark = pytest.mark.django_db

SUMMARY, TITLE = "Un repas chaud par jour.", "Aide alimentaire"


class Guest:
    """A guest with a link and a browser of their own. `path` is the URL below the host."""

    def __init__(self, link, url, translation, commits):
        self.link, self.path = link, urlsplit(url).path
        self.browser, self._translation, self._commits = Client(), translation, commits

    def open(self, **query):
        return self.browser.get(self.path, query)

    def send(self, action, comments=(), **data):
        segments = {each.source: each for each in editor_segments(self._translation)}
        typed = {COMMENT + segments[source].key: text for source, text in dict(comments).items()}
        data = {"state": state_digest(segments.values()), "action": action} | typed | data
        with self._commits():
            return self.browser.post(self.path, data, follow=True)


@pytest.fixture
def submitted(editor, translated):
    """The translator has submitted a complete translation."""
    make_user("reviewer", groups=["allier:reviewer:en"])
    editor.log_in("translator", "translator:en")
    assert [level for level, _text in messages_of(editor.write(translated.texts, action="submit"))] == ["success"]
    return editor


@pytest.fixture
def invite(submitted, commits):
    """Make a link with the rights of the reviewer, and return its guest."""

    def invite(name="Anna Rossi", email="", language="en", days=14, by=None):
        by = by or account("reviewer")
        page = submitted.translation.get_target_instance()
        with commits():
            link, url = make_link(submitted.translation, page, by, name=name, email=email, language=language, days=days)
        return Guest(link, url, submitted.translation, commits)

    return invite


def account(name):
    return get_user_model().objects.get(username=name)


def page_of(editor):
    return editor.translation.get_target_instance()


def status_of(editor):
    return WorkflowState.objects.get(object_id=str(page_of(editor).pk)).status


def history(editor):
    entries = PageLogEntry.objects.filter(page=page_of(editor).pk, action__startswith="translations.guest")
    return [(entry.action.removeprefix("translations."), entry.user.username, entry.message) for entry in entries]


def uses(guest):
    return dict(GuestLinkUse.objects.filter(link=guest.link).values_list("kind", "number"))


def test_a_guest_reads_both_texts_without_an_account(invite, translated):
    guest = invite()
    response = guest.open()
    content = response.content.decode()
    assert response.status_code == 200
    for source, target in translated.texts.items():
        assert source in content
        assert target in content
    assert '<html lang="en"' in content
    assert 'lang="fr">Un repas' in content
    assert 'lang="en">A hot meal' in content
    assert set(response.cookies) == {"csrftoken"}
    assert {"private", "no-store"} <= set(response["Cache-Control"].split(", "))
    assert (response["X-Robots-Tag"], response["Referrer-Policy"]) == ("noindex", "same-origin")
    assert uses(guest) == {"opened": 1}


def test_a_guest_sends_back_with_comments_and_the_translator_reads_the_name(invite, submitted, client):
    guest = invite()
    mail.outbox.clear()
    response = guest.send("send_back", {SUMMARY: "“Every day” & warm?"}, message="Nearly done.")
    assert "sent back with your comments" in response.content.decode()
    assert status_of(submitted) == WorkflowState.STATUS_NEEDS_CHANGES
    (message,) = [each for each in mail.outbox if each.to == ["translator@example.org"]]
    for words in ("Anna Rossi", "Nearly done.", "“Every day” & warm?", SUMMARY):
        assert words in message.body
    assert ["reviewer@example.org"] in [each.to for each in mail.outbox]
    assert ("guest_send_back", "reviewer") in [entry[:2] for entry in history(submitted)]
    client.force_login(account("translator"))
    content = submitted.open().content.decode()
    assert "Anna Rossi (" in content
    assert "“Every day” &amp; warm?" in content
    assert uses(guest) == {"opened": 1, "commented": 1, "sent_back": 1}


def test_a_guest_approves_with_the_rights_of_the_reviewer(invite, submitted, translated):
    guest = invite()
    mail.outbox.clear()
    response = guest.send("approve", message="Perfect.")
    assert "You have approved" in response.content.decode()
    page = page_of(submitted)
    assert (page.live, page.summary) == (True, translated.texts[SUMMARY])
    state = WorkflowState.objects.get(object_id=str(page.pk)).task_states.get()
    assert (state.finished_by.username, state.comment.splitlines()) == (
        "reviewer", ["Approuvé par Anna Rossi (personne invitée).", "Perfect."],
    )  # fmt: skip
    action, by, message = history(submitted)[0]
    assert (action, by) == ("guest_approve", "reviewer")
    assert "Anna Rossi" in message
    messages_by_recipient = {each.to[0]: each.body for each in mail.outbox}
    assert "Anna Rossi" in messages_by_recipient["translator@example.org"]
    assert "Anna Rossi" in messages_by_recipient["reviewer@example.org"]
    assert uses(guest)["approved"] == 1


def test_a_guest_sends_nothing_back_without_a_reason(invite, submitted):
    guest = invite()
    assert "Nothing was decided." in guest.send("send_back", message="  ").content.decode()
    assert status_of(submitted) == WorkflowState.STATUS_IN_PROGRESS


def test_a_changed_translation_is_not_approved_but_shown_again(invite, submitted, translated):
    guest = invite()
    read = guest.open().context["state"]
    translated.write({SUMMARY: "Never read by the guest."})
    response = guest.send("approve", {SUMMARY: "My comment"}, state=read)
    content = response.content.decode()
    assert "Nothing was decided." in content
    assert "Never read by the guest." in content
    assert not page_of(submitted).live
    assert SegmentComment.objects.get().text == "My comment"
    assert "You have approved" in guest.send("approve", state=response.context["state"]).content.decode()


def test_pages_of_a_long_text_are_approved_as_the_first_one_was_read(invite, translated, monkeypatch):
    monkeypatch.setattr(review_views, "TEXTS_ON_A_PAGE", 2)
    guest = invite()
    first = guest.open()
    assert len(first.context["texts"]) == 2
    second = guest.send("page-2", {translated.page.title: "From the first page"}, state=first.context["state"])
    assert second.context["texts"].number == 2
    assert SegmentComment.objects.get().text == "From the first page"
    translated.write({SUMMARY: "Never read by the guest."})
    third = guest.send("page-3", state=second.context["state"])
    assert "Texts have changed since you began" in third.content.decode()
    assert "Nothing was decided." in guest.send("approve", state=third.context["state"]).content.decode()


def test_two_guests_at_once_lose_nothing(invite, submitted):
    one, other = invite("Anna Rossi"), invite("Matti Meri")
    state = one.open().context["state"]
    one.send("save", {SUMMARY: "Comment of Anna"}, state=state)
    one.send("approve", state=state)
    content = other.send("send_back", {SUMMARY: "Comment of Matti"}, state=state).content.decode()
    assert "does not wait for your decision any more" in content
    assert "Comment of another guest" in content
    assert "Anna Rossi" not in content
    assert page_of(submitted).live
    names = SegmentComment.objects.order_by("pk").values_list("guest_name", "text")
    assert list(names) == [("Anna Rossi", "Comment of Anna"), ("Matti Meri", "Comment of Matti")]


def test_the_comments_of_one_link_leave_room_for_others(invite, submitted, client, monkeypatch):
    """A guest could write all 200 comments that a translation may have, and nobody else one more."""
    monkeypatch.setattr(saving, "MAX_OPEN_COMMENTS", 4)
    monkeypatch.setattr(saving, "MAX_OPEN_COMMENTS_OF_LINK", 2)
    guest = invite()
    response = guest.send("save", dict.fromkeys((SUMMARY, TITLE, "Ouvert le lundi."), "x"))
    assert "You have written 2 comments" in response.content.decode()
    assert SegmentComment.objects.count() == 2
    client.force_login(make_user("publisher", groups=["allier:publisher"]))
    submitted.send({COMMENT + submitted.segment(TITLE).key: "y"})
    assert SegmentComment.objects.count() == 3
    SegmentComment.objects.update(resolved_at=timezone.now())
    guest.send("save", {TITLE: "z"})
    assert SegmentComment.objects.count() == 4


def test_a_guest_reads_no_comment_of_members_and_marks_none_as_done(invite, submitted, client):
    client.force_login(account("reviewer"))
    key = submitted.segment(SUMMARY).key
    submitted.send({COMMENT + key: "Only for us"})
    guest = invite()
    assert "Only for us" not in guest.open().content.decode()
    guest.send("save", **{f"resolved-{SegmentComment.objects.get().pk}": "1", f"text-{key}": "changed"})
    assert SegmentComment.objects.get().resolved_at is None
    assert submitted.stored()[SUMMARY] == "A hot meal a day."


def test_without_a_waiting_translation_a_guest_only_reads(invite, submitted):
    guest = invite()
    guest.send("approve")
    response = guest.open()
    assert "does not wait for a decision now" in response.content.decode()
    assert "<textarea" not in response.content.decode()
    assert "Nothing was decided." in guest.send("send_back", message="x").content.decode()
    assert page_of(submitted).live


def revoke(link, department):
    GuestLink.objects.update(revoked_at=timezone.now())


def expire(link, department):
    GuestLink.objects.update(expires_at=timezone.now())


def take_role(link, department):
    link.created_by.groups.clear()


def close_account(link, department):
    get_user_model().objects.filter(pk=link.created_by_id).update(is_active=False)


def delete_account(link, department):
    link.created_by.delete()


def suspend(link, department):
    department.suspended_at = timezone.now()
    department.save()


def stop_translation(link, department):
    link.translation.enabled = False
    link.translation.save()


@pytest.mark.parametrize("end", [revoke, expire, take_role, close_account, delete_account, suspend, stop_translation])
def test_every_dead_link_has_the_answer_of_an_unknown_one(invite, submitted, department, commits, end):
    guest = invite()
    unknown = Client().get(f"/translation-review/{new_token()}/")
    with commits():
        end(guest.link, department)
    for response in (guest.open(), guest.send("approve", {SUMMARY: "x"}, message="x")):
        assert response.status_code == 404
        assert without_nonce(response) == without_nonce(unknown)
    assert not page_of(submitted).live
    assert not SegmentComment.objects.exists()


@pytest.mark.parametrize("token", ["x", "a.b", "é", "x" * 5000, "%2E", "%00"])
def test_a_malformed_link_has_the_answer_of_an_unknown_one(client, token, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert open_review(token) is None
    response = client.get(f"/translation-review/{token}/")
    assert response.status_code == 404
    assert without_nonce(response) == without_nonce(client.get(f"/translation-review/{new_token()}/"))


def without_nonce(response):
    return re.sub(r'nonce="[^"]*"', "", response.content.decode())


def test_only_the_hash_of_the_token_is_stored(invite):
    guest = invite()
    token = guest.path.strip("/").split("/")[1]
    assert token not in str(GuestLink.objects.values().get())


def test_a_link_has_limits_of_its_own_and_wrong_ones_count_as_guesses(invite, rate_limits):
    rate_limits["token.client"] = "2/hour"
    rate_limits["guest_review.link"] = "4/hour"
    guest = invite()
    assert [guest.open().status_code for _number in range(5)] == [200] * 4 + [429]
    visitor = Client()
    assert [visitor.get("/translation-review/x/").status_code for _number in range(3)] == [404, 404, 429]


def test_the_size_of_a_form_of_a_guest_is_limited(invite, submitted, monkeypatch):
    guest = invite()
    key = submitted.segment(SUMMARY).key
    response = guest.send("send_back", **{COMMENT + key: "x" * 2_001})
    assert "Not everything was saved" in response.content.decode()
    assert "x" * 2_001 in response.content.decode()
    assert "Nothing was decided." in guest.send("approve", message="x" * 2_001).content.decode()
    fields = {f"{COMMENT}{number}-1": "x" for number in range(51)}
    assert guest.send("save", **fields).status_code == 400
    assert not SegmentComment.objects.exists()
    assert not page_of(submitted).live


def test_a_comment_on_a_text_that_is_gone_is_shown_again(invite):
    guest = invite()
    content = guest.send("approve", **{f"{COMMENT}999-999": "Where is it?"}).content.decode()
    assert "“Where is it?”" in content
    assert "Nothing was decided." in content


@pytest.mark.parametrize(
    ("language", "words"),
    [("fr", "Approuver"), ("en", "Approve"), ("it", "Approva"), ("fi", "Hyväksy")],
)
def test_the_screen_is_in_the_language_of_the_link(invite, language, words):
    content = invite(language=language).open().content.decode()
    assert f'<html lang="{language}"' in content
    assert words in content


@pytest.mark.parametrize(
    ("accepted", "language", "words"),
    [
        ("fi-FI,fi;q=0.9", "fi", "Tämä linkki ei toimi"),
        ("de-DE,it;q=0.5", "it", "Questo link non funziona"),
        ("de-DE", "fr", "Ce lien ne fonctionne pas"),
    ],
)
def test_a_dead_link_answers_in_one_language_of_the_interface(client, accepted, language, words):
    """German has words of the public pages only: the rest was French, on a page that said it was German."""
    response = client.get("/translation-review/x/", headers={"accept-language": accepted})
    content = response.content.decode()
    assert response["Content-Language"] == language
    assert f'<html lang="{language}"' in content
    assert words in content


def test_uses_are_counted_by_the_hour_and_end_with_the_link(invite):
    with time_machine.travel("2026-11-30T10:10:00Z", tick=False):
        guest = invite(days=1)
        for _number in range(3):
            guest.open()
        guest.send("save", {SUMMARY: "Comment of Anna"})
    with time_machine.travel("2026-11-30T11:10:00Z", tick=False):
        guest.open()
    rows = GuestLinkUse.objects.order_by("hour", "kind").values_list("kind", "number")
    assert list(rows) == [("commented", 1), ("opened", 4), ("opened", 1)]
    with time_machine.travel("2026-12-20T10:00:00Z"):
        delete_expired_rows()
    assert GuestLink.objects.exists()
    with time_machine.travel(timezone.now() + timedelta(days=60)):
        delete_expired_rows()
    assert not GuestLink.objects.exists()
    assert not GuestLinkUse.objects.exists()
    assert SegmentComment.objects.get().guest_name == "Anna Rossi"
