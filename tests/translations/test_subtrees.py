"""Pages below a page that is sent to translation: costs in the request, work in the background, and failures."""

import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models.signals import post_save
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_tasks import task_backends
from django_tasks_db.models import DBTaskResult
from wagtail.models import Page, Revision
from wagtail_localize.models import Translation, TranslationSource

from cms.delivery.models import RefreshRequest
from cms.management.instance_status import InstanceStatus
from cms.pages.models import Organisation, StandardPage
from cms.translations.models import RequestedTranslation, TranslationUpdate
from cms.translations.subtrees.requested_pages import MAX_ATTEMPTS, process_requested_translations
from cms.translations.subtrees.submitted_subtrees import request_subtree
from cms.translations.subtrees.tasks import translate_requested_pages
from sites.lifecycle.language_removal import remove_language
from tests.factories.departments import make_department
from tests.factories.pages import OrganisationFactory, make_page
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db

LOCALES = ("fr", "en", "it")


@pytest.fixture
def later(settings):
    """Leave the tasks of the background to the test."""
    settings.TASKS = settings.TASKS | {"later": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}
    settings.DOCUMENT_TASKS = "later"


@pytest.fixture
def department():
    return make_department("allier", locales=LOCALES)


@pytest.fixture
def sender(client, department):
    sender = make_user("sender", groups=["allier:publisher"])
    client.force_login(sender)
    return sender


def make_folder(department, size, slug="dossier"):
    """Return a page with pages below it, each below the one before it."""
    folder = parent = make_page(StandardPage, department, title=slug, slug=slug)
    for number in range(size):
        parent = make_page(StandardPage, parent, title=f"Page {number}", slug=f"{slug}-{number}")
    return folder


def send(client, department, folder):
    """Send a page and those below it to all languages; return the response and the number of queries."""
    url = reverse("wagtail_localize:submit_page_translation", args=[folder.pk])
    locales = list(department.locales.exclude(language_code="fr").values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as captured:
        response = client.post(url, {"locales": locales, "include_subtree": "on"})
    assert response.status_code == 302
    return response, len(captured)


def pages_in(code):
    return Page.objects.filter(locale__language_code=code, title__startswith="Page ").count()


def test_the_request_costs_the_same_for_any_number_of_pages(client, department, sender, later, commits):
    costs = {}
    for size in (1, 2, 12):  # The first one stores texts that all have in common.
        with commits():
            folder = make_folder(department, size, slug=f"dossier-{size}")
        with commits():
            response, costs[size] = send(client, department, folder)
        assert any("elles apparaissent" in str(message) for message in get_messages(response.wsgi_request))
    assert costs[12] <= costs[2] + 2
    assert (pages_in("en"), pages_in("it"), RequestedTranslation.objects.count()) == (0, 0, 2 * 15)
    assert "pages sont en préparation" in client.get(reverse("wagtailadmin_home")).content.decode()

    with commits():
        assert process_requested_translations() == 30
    assert (pages_in("en"), pages_in("it"), RequestedTranslation.objects.count()) == (15, 15, 0)
    assert "en préparation" not in client.get(reverse("wagtailadmin_home")).content.decode()


def test_every_page_is_translated_in_a_transaction_of_its_own(client, department, sender, later, commits):
    """Its parents come first, so that none is copied as an alias."""
    with commits():
        folder = make_folder(department, 5)
    with commits():
        send(client, department, folder)
    with CaptureQueriesContext(connection) as captured, commits():
        process_requested_translations()
    statements = [query["sql"] for query in captured]
    deletions = [sql for sql in statements if sql.startswith("DELETE") and "requestedtranslation" in sql]
    assert len(deletions) == 10 <= len([sql for sql in statements if sql.startswith("RELEASE")])
    english = Page.objects.filter(locale__language_code="en", title__startswith="Page")
    assert english.filter(alias_of__isnull=True).count() == english.count() == 5


def test_a_page_that_fails_holds_no_other_and_is_shown(client, department, sender, later, commits, monkeypatch):
    with commits():
        folder = make_folder(department, 4)
    with commits():
        send(client, department, folder)
    bad = StandardPage.objects.get(title="Page 3", locale__language_code="fr")

    def refuse(page):
        if page.title == bad.title and page.locale.language_code == "en":
            raise ValidationError({"summary": "not so"})

    monkeypatch.setattr(StandardPage, "minimal_clean", refuse)
    with commits():
        process_requested_translations()
    failed = RequestedTranslation.objects.get()
    assert (failed.page_id, failed.locale.language_code, failed.attempts) == (bad.pk, "en", 1)
    assert "not so" in failed.error
    assert pages_in("it") == 4
    home = client.get(reverse("wagtailadmin_home")).content.decode()
    assert "n’ont pas pu être envoyées en traduction" in home
    assert reverse("wagtailadmin_pages:edit", args=[bad.pk]) in home
    assert "1 requested translations cannot be made" in InstanceStatus().problems

    for _ in range(MAX_ATTEMPTS + 1):
        process_requested_translations()
    assert RequestedTranslation.objects.get().attempts == MAX_ATTEMPTS
    monkeypatch.undo()
    with commits():
        process_requested_translations(max_attempts=None)
    assert not RequestedTranslation.objects.exists()
    assert bad.get_translation(failed.locale).alias_of_id is None


def test_what_a_crash_left_is_found_by_the_scheduled_command(client, department, sender, later, commits):
    with commits():
        folder = make_folder(department, 2)
    with commits():
        send(client, department, folder)
    call_command("publish_scheduled")
    assert (pages_in("en"), RequestedTranslation.objects.count()) == (2, 0)


def test_the_scheduled_command_translates_some_pages_after_all_else(client, department, sender, later, commits):
    with commits():
        folder = make_folder(department, 12)
    with commits():
        send(client, department, folder)
    call_command("publish_scheduled")
    assert RequestedTranslation.objects.count() >= 4
    request_subtree(folder.pk, department.locales.exclude(language_code="fr"), sender)
    waiting = RequestedTranslation.objects.count()
    late = make_page(StandardPage, department, title="Urgent", publish=False)
    revision = late.save_revision()
    Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=timezone.now() - timedelta(minutes=1))
    found = []

    def translated(instance, created, **kwargs):
        found.append((Page.objects.get(pk=late.pk).live, RefreshRequest.objects.filter(object_id=folder.pk).exists()))

    RefreshRequest.objects.bulk_create(RefreshRequest.for_pages([folder.pk]))
    tasks = len(task_backends["later"].results)
    post_save.connect(translated, sender=Translation)
    try:
        call_command("publish_scheduled")
    finally:
        post_save.disconnect(translated, sender=Translation)
    assert found
    assert set(found) == {(True, False)}
    assert RequestedTranslation.objects.count() >= waiting - 20
    added = [result.task.module_path for result in task_backends["later"].results[tasks:]]
    assert added.count(translate_requested_pages.module_path) == 1


def test_the_scheduled_command_updates_some_translations(department, sender, later, monkeypatch):
    request_subtree(make_folder(department, 3).pk, department.locales.filter(language_code="en"), sender)
    process_requested_translations()
    TranslationUpdate.objects.all().delete()
    sources = list(TranslationSource.objects.order_by("pk"))
    TranslationUpdate.objects.bulk_create([TranslationUpdate(source=source) for source in sources])
    monkeypatch.setattr("cms.management.scheduled_publication.UPDATES_PER_RUN", len(sources) - 1)
    call_command("publish_scheduled")
    assert list(TranslationUpdate.objects.values_list("source", flat=True)) == [sources[-1].pk]
    call_command("publish_scheduled")
    assert not TranslationUpdate.objects.exists()


def test_a_run_ends_in_time(department, sender, later):
    request_subtree(make_folder(department, 3).pk, department.locales.exclude(language_code="fr"), sender)
    assert process_requested_translations(seconds=0) == 1
    assert RequestedTranslation.objects.count() == 5


def test_departments_take_turns(department, later):
    other = make_department("nievre", locales=LOCALES)
    both = make_user("both", groups=["allier:publisher", "nievre:publisher"])
    for each, size in ((department, 8), (other, 2)):
        request_subtree(make_folder(each, size, slug=each.slug).pk, each.locales.exclude(language_code="fr"), both)
    assert process_requested_translations(limit=8) == 8
    left = RequestedTranslation.objects.values_list("page__path", flat=True)
    assert len(left) == 12
    assert all(path.startswith(department.container.path) for path in left)


@pytest.mark.django_db(transaction=True)  # The worker closes its connection before it begins.
def test_the_task_translates_some_pages_in_each_run(settings, monkeypatch):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    settings.DOCUMENT_TASKS = settings.BACKGROUND_TASKS = "default"
    department = make_department("allier", locales=LOCALES)
    sender = make_user("sender", groups=["allier:publisher"])
    folder = make_folder(department, 5)
    monkeypatch.setattr("cms.translations.subtrees.tasks.REQUESTS_PER_RUN", 4)
    runs = DBTaskResult.objects.filter(task_path=translate_requested_pages.module_path)
    for _ in range(2):
        request_subtree(folder.pk, department.locales.exclude(language_code="fr"), sender)
        assert runs.count() == 1
    call_command("db_worker", "--batch", "--no-startup-delay", verbosity=0, stdout=StringIO())
    assert sorted(runs.values_list("return_value", flat=True)) == [2, 4, 4]
    assert not RequestedTranslation.objects.exists()


def test_nothing_is_translated_for_somebody_who_has_lost_the_right(client, department, sender, later, commits):
    with commits():
        folder = make_folder(department, 2)
    with commits():
        send(client, department, folder)
    sender.groups.clear()
    process_requested_translations()
    assert (pages_in("en"), RequestedTranslation.objects.count()) == (0, 0)


def test_a_removed_language_takes_its_requests_along(department, sender, later, commits):
    other = make_department("nievre", locales=LOCALES)
    both = make_user("both", groups=["allier:publisher", "nievre:publisher"])
    with commits():
        for each in (department, other):
            request_subtree(make_folder(each, 2, slug=each.slug).pk, each.locales.exclude(language_code="fr"), both)
    with commits():
        remove_language(department.department_locales.get(locale__language_code="en"))
    own = RequestedTranslation.objects.filter(page__path__startswith=department.container.path)
    assert set(own.values_list("locale__language_code", flat=True)) == {"it"}
    others = RequestedTranslation.objects.exclude(pk__in=own)
    assert sorted(others.values_list("locale__language_code", flat=True)) == ["en", "en", "it", "it"]


def test_nothing_is_translated_into_a_language_that_the_department_does_not_have(department, sender, later, commits):
    """The request was stored while the language was removed."""
    with commits():
        folder = make_folder(department, 2)
    english = department.locales.get(language_code="en")
    with commits():
        remove_language(department.department_locales.get(locale=english))
    with commits():
        request_subtree(folder.pk, [english], sender)
    pages = set(Page.objects.values_list("pk", flat=True))
    with commits():
        process_requested_translations()
    assert not RequestedTranslation.objects.exists()
    assert set(Page.objects.values_list("pk", flat=True)) == pages


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_the_background_waits_for_the_removal_of_a_language(later):
    department = make_department("allier", locales=LOCALES)
    sender = make_user("sender", groups=["allier:publisher"])
    folder = make_folder(department, 2)
    english = department.locales.get(language_code="en")
    failures = []

    def request_and_process():
        request_subtree(folder.pk, [english], sender)
        process_requested_translations()
        failures.extend(RequestedTranslation.objects.values_list("error", flat=True))
        connection.close()

    thread = threading.Thread(target=request_and_process)
    with transaction.atomic():
        remove_language(department.department_locales.get(locale=english))
        thread.start()
        thread.join(timeout=1)
        assert thread.is_alive()
    thread.join(timeout=30)
    assert failures == []
    assert not Page.objects.filter(locale=english, path__startswith=department.container.path).exists()
    assert not Page.objects.filter(locale=english, title__in=[department.container.title, "Page 0"]).exists()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["page", "snippet"])
def test_the_form_waits_for_the_removal_of_a_language(client, kind):
    department = make_department("allier", locales=LOCALES)
    client.force_login(make_user("sender", groups=["allier:publisher"]))
    english = department.locales.get(language_code="en")
    if kind == "page":
        url = reverse("wagtail_localize:submit_page_translation", args=[make_folder(department, 0).pk])
    else:
        snippet = OrganisationFactory(owner=department, locale=department.source_locale)
        url = reverse("wagtail_localize:submit_snippet_translation", args=["pages", "organisation", snippet.pk])
    answers = []

    def send_page():
        answers.append(client.post(url, {"locales": [english.pk]}).status_code)
        connection.close()

    thread = threading.Thread(target=send_page)
    with transaction.atomic():
        remove_language(department.department_locales.get(locale=english))
        thread.start()
        thread.join(timeout=3)
        assert thread.is_alive()
    thread.join(timeout=30)
    assert answers == [200]  # The form again, with the error.
    assert not Page.objects.filter(locale=english, path__startswith=department.container.path).exists()
    assert not Organisation.objects.filter(locale=english).exists()


def test_pages_that_are_sent_again_are_requested_once(department, sender, later, commits):
    folder = make_folder(department, 2)
    locales = department.locales.filter(language_code="en")
    request_subtree(folder.pk, locales, sender)
    RequestedTranslation.objects.update(attempts=MAX_ATTEMPTS, error="x")
    request_subtree(folder.pk, locales, sender)
    assert list(RequestedTranslation.objects.values_list("attempts", "error")) == [(0, "")] * 2
