"""The dashboard of the current department: approvals, expiring content, translation progress and number of queries."""

import datetime

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupApprovalTask, Locale, Page, Workflow, WorkflowTask

from cms.pages.models import StandardPage
from cms.translations.board.dashboard_panels import translation_progress
from tests.factories.departments import make_department
from tests.factories.media import ConsentFactory
from tests.factories.pages import make_page
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db

HOME = reverse("wagtailadmin_home")


@pytest.fixture
def allier():
    return make_department("allier", code="03", locales=("fr", "en", "it"))


def dashboard(client, user):
    """Return the rows of each list of the user's dashboard, by the list's name."""
    client.force_login(user)
    response = client.get(HOME)
    shown = {}
    for panel in response.context["panels"]:
        if hasattr(panel, "rows"):
            shown[panel.name] = [row.title for row in panel.rows(response.wsgi_request, 100)]
    return shown


def write(department, title, user=None, **values):
    page = make_page(StandardPage, department, title=title, publish=values.pop("publish", True), **values)
    if user is not None:
        page.draft_title = title
        page.save_revision(user=user)
    return page


def translated(page, language, *, live=True, published_at=None):
    copy = page.copy_for_translation(Locale.objects.get(language_code=language), copy_parents=True)
    copy = copy.specific
    if live:
        copy.save_revision().publish()
        Page.objects.filter(pk=copy.pk).update(last_published_at=published_at or timezone.now())
    return copy


def submit(department, page, user):
    """Send a page to the publishers of its department."""
    workflow = Workflow.objects.create(name="approval")
    task = GroupApprovalTask.objects.create(name="approval")
    task.groups.set(Group.objects.filter(name=f"{department.slug}:publisher"))
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    return workflow.start(page, user)


def test_a_page_that_was_submitted_waits_for_its_publishers_and_for_nobody_else(client, allier):
    isere = make_department("isere", code="38")
    editor = make_user("editor", groups=["allier:editor"])
    page = write(allier, "Journée des métiers", editor, publish=False)
    submit(allier, page, editor)

    assert dashboard(client, make_user("a", groups=["allier:publisher"]))["to-approve"] == ["Journée des métiers"]
    assert dashboard(client, make_user("b", groups=["isere:publisher"]))["to-approve"] == []
    both = make_user("both", groups=["allier:publisher", "isere:publisher"])
    client.force_login(both)
    client.post(reverse("department_switch"), {"department": isere.pk})
    assert b"Journ\xc3\xa9e des m\xc3\xa9tiers" not in client.get(HOME).content
    client.post(reverse("department_switch"), {"department": allier.pk})
    page_shown = client.get(HOME).content.decode()
    assert "Journée des métiers" in page_shown
    assert "soumise par" in page_shown
    shown = dashboard(client, editor)
    assert "to-approve" not in shown
    assert shown["my-drafts"] == ["Journée des métiers"]


def test_drafts_are_the_users_own_newest_first(client, allier):
    one, other = (make_user(name, groups=["allier:editor"]) for name in ("one", "other"))
    for title, user in (("Première", one), ("Seconde", one), ("Autre", other)):
        write(allier, title, user)
    assert dashboard(client, one)["my-drafts"] == ["Seconde", "Première"]


def test_pages_that_expire_within_thirty_days_are_listed_in_order(client, allier):
    user = make_user("publisher", groups=["allier:publisher"])
    today, now = timezone.localdate(), timezone.now()
    for title, days in (("Plus tard", 40), ("Bientôt", 20), ("Demain", 1)):
        page = write(allier, title)
        Page.objects.filter(pk=page.pk).update(expire_at=now + datetime.timedelta(days=days))
        ConsentFactory(
            person_name=title, expires_on=today + datetime.timedelta(days=days), collection=allier.collection
        )
    ConsentFactory(person_name="Retiré", expires_on=today, withdrawn_on=today, collection=allier.collection)
    ConsentFactory(person_name="Ailleurs", expires_on=today, collection=make_department("isere", code="38").collection)
    shown = dashboard(client, user)
    assert shown["ending-soon"] == shown["consents-ending"] == ["Demain", "Bientôt"]


def test_translations_are_counted_by_language_and_state(allier):
    pages = [write(allier, title) for title in ("Un", "Deux", "Trois", "Quatre")]
    write(allier, "Brouillon", publish=False)
    translated(pages[0], "en")
    translated(pages[1], "en", published_at=timezone.now() - datetime.timedelta(days=1))
    translated(pages[2], "en", live=False)
    found = {each.language: each for each in translation_progress(allier)}
    assert set(found) == {"Anglais", "Italien"}
    english, italian = found["Anglais"], found["Italien"]
    assert (english.up_to_date, english.out_of_date, english.begun, english.missing) == (1, 1, 1, 1)
    assert (italian.up_to_date, italian.out_of_date, italian.begun, italian.missing) == (0, 0, 0, 4)


def test_translator_sees_pending_translations_of_their_language(client, allier):
    begun, behind, done = (write(allier, title) for title in ("Commencée", "Ancienne", "Faite"))
    translated(begun, "en", live=False)
    translated(behind, "en", published_at=timezone.now() - datetime.timedelta(days=1))
    translated(done, "en")
    translated(begun, "it", live=False)
    shown = dashboard(client, make_user("translator", groups=["allier:translator:en"]))
    assert shown["to-translate"] == ["Commencée", "Ancienne"]
    assert "my-drafts" not in shown
    assert dashboard(client, make_user("it", groups=["allier:translator:it"]))["to-translate"] == ["Commencée"]


def test_empty_lists_show_a_message(client, allier):
    client.force_login(make_user("publisher", groups=["allier:publisher"]))
    page = client.get(HOME).content.decode()
    for words in (
        "Aucune page n’attend votre approbation.",
        "Vous n’avez aucune modification non publiée.",
        "Aucune page n’est retirée d’ici 30 jours.",
        "Aucun consentement ne prend fin d’ici 30 jours.",
    ):
        assert words in page


def test_user_without_a_department_sees_only_a_message(client, allier):
    write(allier, "Page de l’Allier")
    user = make_user("nobody")
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client.force_login(user)
    page = client.get(HOME).content.decode()
    assert "Vous n’appartenez encore à aucun département" in page
    assert "Page de l’Allier" not in page
    assert "department-bar__" not in page


@pytest.mark.parametrize("role", ["administrator", "translator:en"])
def test_query_count_of_the_dashboard_does_not_grow_with_pages(client, allier, role):
    user = make_user("user", groups=[f"allier:{role}"])
    client.force_login(user)
    client.get(HOME)  # Fill the caches of the process.

    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get(HOME)
        return len(captured)

    few = queries()
    for number in range(12):
        page = write(allier, f"Page {number}", user)
        translated(page, "en", live=bool(number % 2))
        Page.objects.filter(pk=page.pk).update(expire_at=timezone.now() + datetime.timedelta(days=5))
        ConsentFactory(expires_on=timezone.localdate(), collection=allier.collection)
    submit(allier, page, user)
    # Each list loads the languages and the states of its rows; with few rows the lists were empty.
    assert queries() <= few + 8
    assert few <= 50  # Two of them are for the planned releases of two lists.
