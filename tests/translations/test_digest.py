"""The daily e-mail about translations: who gets it, what it names, and that nobody gets two or an empty one."""

import datetime
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, WorkflowState

from cms.pages.models import StandardPage
from cms.translations import approval
from cms.translations.board.assignments import AssignmentChange, assign
from cms.translations.digest import digest_mail
from cms.translations.digest.digest_mail import send_digests
from cms.translations.models import TranslationDigest
from sites.mail.delivery import send_due_messages
from sites.mail.models import OutgoingMessage
from tests.factories.pages import make_page
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def digests(commits):
    """Run the e-mails of the day; return the bodies of those that were sent, by recipient."""

    def digests():
        mail.outbox.clear()
        with commits():
            send_digests()
        assert all(len(message.to) == 1 for message in mail.outbox)
        assert len({message.to[0] for message in mail.outbox}) == len(mail.outbox)
        return {message.to[0].partition("@")[0]: message.body for message in mail.outbox}

    return digests


def day(number):
    return timezone.localdate() + datetime.timedelta(days=number)


def give(page, locale, user, due_on=None):
    department = page.get_site().department
    assign(department, [(page.pk, locale.pk)], AssignmentChange({locale.pk: user and user.pk}, due_on, True))


def test_nobody_gets_an_e_mail_without_content(translated, translator, digests):
    make_user("reviewer", groups=["allier:reviewer:en"])
    make_user("administrator", groups=["allier:administrator"])
    assert digests() == {}
    assert not TranslationDigest.objects.exists()


def test_the_assignee_gets_what_is_not_submitted(translated, english, translator, digests):
    give(translated.page, english, translator, day(30))
    body = digests()["translator"]
    assert "Attribuées à vous" in body
    assert "Aide alimentaire (Anglais, Allier)" in body
    assert reverse("translation_editor", args=[translated.translation.pk]) in body


def test_nothing_is_sent_after_the_translation_is_submitted_but_to_the_reviewer(
    translated, english, translator, digests, commits
):
    make_user("reviewer", groups=["allier:reviewer:en"])
    make_user("elsewhere", groups=["allier:reviewer:fi"])
    give(translated.page, english, translator)
    with commits():
        approval.submit(translated.translation, translator)
    found = digests()
    assert set(found) == {"reviewer"}
    assert "En attente de votre approbation" in found["reviewer"]


def test_what_was_sent_back_comes_first(translated, english, translator, digests, commits):
    reviewer = make_user("reviewer", groups=["allier:reviewer:en"])
    with commits():
        approval.submit(translated.translation, translator)
    with commits():
        approval.send_back(translated.translation, reviewer, "Trop long.")
    assert WorkflowState.objects.get().status == WorkflowState.STATUS_NEEDS_CHANGES
    found = digests()
    assert set(found) == {"translator"}
    assert "Renvoyées à vous" in found["translator"]


@pytest.mark.parametrize(("days", "heading"), [(-1, "En retard"), (0, "Échéance proche"), (7, "Échéance proche")])
def test_what_is_due_and_nobody_is_assigned_to_concerns_all_translators(
    translated, english, translator, digests, days, heading
):
    make_user("reviewer", groups=["allier:reviewer:en"])
    make_user("finn", groups=["allier:translator:fi"])
    give(translated.page, english, None, day(days))
    found = digests()
    assert set(found) == {"translator"}
    assert heading in found["translator"]


def test_what_is_due_later_or_missing_or_published_concerns_nobody(
    translated, department, english, translator, digests, commits
):
    with commits():
        missing = make_page(StandardPage, department, title="Non traduite")
    give(missing, english, translator, day(-1))
    give(translated.page, english, None, day(8))
    assert digests() == {}
    give(translated.page, english, translator)
    translated.write(translated.texts)
    translated.publish()
    assert digests() == {}
    translated.edit(summary="Un repas chaud chaque jour.")
    assert set(digests()) == {"translator"}


def test_an_account_gets_one_a_day(translated, english, translator, digests, settings):
    give(translated.page, english, translator)
    assert set(digests()) == {"translator"}
    assert digests() == {}
    TranslationDigest.objects.update(sent_on=day(-1))
    assert set(digests()) == {"translator"}


def test_two_runs_at_once_send_one(translated, english, translator, commits, monkeypatch):
    """The second run has read the same work before the first one stored that it sent the e-mail."""
    give(translated.page, english, translator)
    first = digest_mail.work_by_account

    def work_by_account(today):
        monkeypatch.setattr(digest_mail, "work_by_account", first)
        work = first(today)
        user = type(translator).objects.get(pk=translator.pk)
        assert digest_mail._send_digest(user, work[user.pk], today)
        assert not digest_mail._send_digest(user, work[user.pk], today)
        return work

    monkeypatch.setattr(digest_mail, "work_by_account", work_by_account)
    mail.outbox.clear()
    with commits():
        assert send_digests() == (0, [])
    assert len(mail.outbox) == 1


def test_the_setting_switches_it_off_and_on(translated, english, translator, digests, client):
    give(translated.page, english, translator)
    client.force_login(translator)
    account = reverse("wagtailadmin_account")
    assert 'name="translation-digest-is_wanted"' in client.get(account).content.decode()
    assert not TranslationDigest.objects.exists(), "reading the settings has stored them"
    form = client.get(account).context
    values = {"name_email-first_name": "T", "name_email-last_name": "R", "locale-preferred_language": "", "locale-current_time_zone": "", "theme-theme": "system", "theme-density": "default", "theme-contrast": "system", "theme-keyboard_shortcuts": "on"}  # fmt: skip  # noqa: E501
    assert form is not None
    assert client.post(account, values).status_code == 302
    assert not TranslationDigest.objects.get().is_wanted
    assert digests() == {}
    assert client.post(account, values | {"translation-digest-is_wanted": "on"}).status_code == 302
    assert set(digests()) == {"translator"}


def test_a_person_without_a_role_that_writes_is_not_asked(department, client):
    client.force_login(make_user("media", groups=["allier:media_manager"]))
    assert "translation-digest" not in client.get(reverse("wagtailadmin_account")).content.decode()


def test_it_is_in_the_language_of_the_recipient(translated, english, translator, digests):
    translator.wagtail_userprofile.preferred_language = "en"
    translator.wagtail_userprofile.save()
    give(translated.page, english, translator)
    body = digests()["translator"]
    assert "Assigned to you" in body
    assert "(English, Allier)" in body


@pytest.mark.parametrize("change", ["role", "account", "switched off", "address", "page"])
def test_it_is_checked_again_when_it_is_sent(translated, english, translator, change):
    give(translated.page, english, translator)
    assert send_digests() == (1, [])
    assert OutgoingMessage.objects.count() == 1
    if change == "role":
        translator.groups.clear()
    elif change == "account":
        type(translator).objects.filter(pk=translator.pk).update(is_active=False)
    elif change == "switched off":
        TranslationDigest.objects.update(is_wanted=False)
    elif change == "address":
        type(translator).objects.filter(pk=translator.pk).update(email="other@example.org")
    else:
        Page.objects.filter(pk=translated.translation.get_target_instance().pk).delete()
    mail.outbox.clear()
    OutgoingMessage.objects.update(next_attempt_at=timezone.now())
    send_due_messages()
    assert mail.outbox == []
    assert not OutgoingMessage.objects.exists()


def test_one_that_still_waits_is_replaced_by_that_of_the_next_day(translated, english, translator):
    """The pages that it names would not be known any more when it is sent."""
    give(translated.page, english, translator)
    assert send_digests() == (1, [])
    (waiting,) = OutgoingMessage.objects.values_list("pk", flat=True)
    TranslationDigest.objects.update(sent_on=day(-1))
    OutgoingMessage.objects.update(state=OutgoingMessage.State.FAILED)
    assert send_digests() == (1, [])
    (present,) = OutgoingMessage.objects.values_list("pk", flat=True)
    assert present != waiting


def test_a_suspended_department_sends_nothing(translated, department, english, translator, digests):
    give(translated.page, english, translator)
    department.suspended_at = timezone.now()
    department.save()
    assert digests() == {}


def test_one_account_that_fails_holds_no_other(translated, english, translator, department, commits, monkeypatch):
    make_user("second", groups=["allier:translator:en"])
    give(translated.page, english, None, day(0))
    original = digest_mail._send_digest

    def fail(user, *arguments):
        if user.username == "translator":
            raise ValueError("x")
        return original(user, *arguments)

    monkeypatch.setattr(digest_mail, "_send_digest", fail)
    with commits():
        sent, failures = send_digests()
    assert sent == 1
    assert "ValueError" in failures[0]
    assert "translator" not in failures[0]


def test_the_command_and_the_nightly_run_send_it(translated, english, translator, commits):
    give(translated.page, english, translator)
    output = StringIO()
    with commits():
        call_command("translation_digests", stdout=output)
    assert "1 e-mails" in output.getvalue()
    TranslationDigest.objects.update(sent_on=None)
    output = StringIO()
    with commits():
        call_command("nightly", stdout=output)
    assert "1 e-mails" in output.getvalue()


def test_the_number_of_queries_does_not_depend_on_the_number_of_contents(
    translated, department, english, translator, commits, django_assert_max_num_queries
):
    def count():
        with django_assert_max_num_queries(100) as queries:
            digest_mail.work_by_account(timezone.localdate())
        return len(queries)

    give(translated.page, english, translator)
    before = count()
    with commits():
        for number in range(6):
            page = make_page(StandardPage, department, title=f"Page {number}")
            page.copy_for_translation(english)
            give(page, english, translator, day(number))
    assert count() <= before


def test_a_long_e_mail_names_the_first_ones_and_the_number_of_the_others(
    translated, department, english, translator, digests, commits, monkeypatch, django_assert_max_num_queries
):
    monkeypatch.setattr(digest_mail, "MAX_PAGES_IN_MAIL", 2)
    with commits():
        for number in range(6):
            page = make_page(StandardPage, department, title=f"Page {number}")
            page.copy_for_translation(english)
            give(page, english, translator, day(number))
    checked = []
    may_view = digest_mail.account_may_view
    monkeypatch.setattr(
        digest_mail, "account_may_view", lambda page, *rest: checked.append(page) or may_view(page, *rest)
    )
    body = digests()["translator"]
    assert "Page 1" in body
    assert "Page 2" not in body
    assert "Il y en a 4 autres." in body
    assert len(checked) == 4, "more pages are checked, when the e-mail is made and when it is sent, than it names"
