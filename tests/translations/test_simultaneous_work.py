"""Work on translations at the same time: two runs of the daily e-mail, an assignment of somebody who leaves."""

import threading
from io import BytesIO

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from wagtail_localize.models import StringTranslation, Translation, TranslationSource

from cms.pages.models import StandardPage
from cms.translations.board.assignments import AssignmentChange, assign
from cms.translations.digest import digest_mail
from cms.translations.file_service.incoming_merge import MergeOptions, import_file
from cms.translations.models import TranslationAssignment
from sites.mail.models import OutgoingMessage
from sites.members import membership
from tests.factories.departments import make_department
from tests.factories.pages import make_page
from tests.factories.users import make_user

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def department():
    return make_department("allier", locales=("fr", "en"))


def in_thread(work):
    """Start a function in a thread with a connection of its own, which is closed at its end."""

    def run():
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_two_runs_at_once_send_one_e_mail(department, monkeypatch):
    english = department.locales.get(language_code="en")
    translator = make_user("translator", groups=["allier:translator:en"])
    page = make_page(StandardPage, department, title="Aide alimentaire")
    page.copy_for_translation(english)
    assign(department, [(page.pk, english.pk)], AssignmentChange({english.pk: translator.pk}))
    barrier, original, numbers = threading.Barrier(2, timeout=30), digest_mail._first_visible, []

    def first_visible(*arguments):
        found = original(*arguments)
        barrier.wait()  # Both runs have read the work and stored nothing.
        return found

    monkeypatch.setattr(digest_mail, "_first_visible", first_visible)
    mail.outbox.clear()
    for thread in [in_thread(lambda: numbers.append(digest_mail.send_digests())) for _number in range(2)]:
        thread.join(timeout=60)
    assert sorted(numbers) == [(0, []), (1, [])]
    assert len(mail.outbox) + OutgoingMessage.objects.count() == 1


def test_nobody_is_assigned_who_leaves_meanwhile(department):
    english = department.locales.get(language_code="en")
    translator = make_user("translator", groups=["allier:translator:en"])
    page = make_page(StandardPage, department, title="Aide alimentaire")
    refusals = []

    def give():
        try:
            assign(department, [(page.pk, english.pk)], AssignmentChange({english.pk: translator.pk}))
        except ValidationError as error:
            refusals.append(error)

    with transaction.atomic():
        membership.remove_member(department, translator, None)
        thread = in_thread(give)
        thread.join(timeout=1)
        assert thread.is_alive()
    thread.join(timeout=30)
    assert len(refusals) == 1
    assert not TranslationAssignment.objects.exists()


def test_a_file_waits_for_whoever_edits_or_approves_the_translation(department):
    page = make_page(StandardPage, department, title="Aide alimentaire", summary="Un repas")
    source, _created = TranslationSource.update_or_create_from_instance(page)
    translation = Translation.objects.create(source=source, target_locale=department.locales.get(language_code="en"))
    translation.save_target(publish=False)
    po = translation.export_po()
    for entry in po:
        entry.msgstr = f"New {entry.msgid}"
    file = BytesIO(str(po).encode())
    with transaction.atomic():
        list(Translation.objects.select_for_update().filter(pk=translation.pk))  # As an approving guest does.
        thread = in_thread(lambda: import_file(file, "a.po", MergeOptions(only=translation)))
        thread.join(timeout=2)
        assert thread.is_alive()
    thread.join(timeout=30)
    assert StringTranslation.objects.filter(data__startswith="New").exists()
