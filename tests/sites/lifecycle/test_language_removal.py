"""A language that was added by mistake can be removed while nothing is published in it."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from wagtail.models import GroupApprovalTask, Locale, Page, Workflow
from wagtail_localize.models import Translation, TranslationSource

from cms.delivery.models import PublishedDocument
from cms.pages.models import EventPage
from sites.lifecycle.inventory import inventory
from sites.lifecycle.provisioning import create_department
from sites.models import AuditLogEntry, Department
from tests.factories.departments import make_department
from tests.factories.pages import make_page
from tests.factories.sharing import mirror
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def department(db, commits):
    with commits():
        return make_department("allier", code="03", locales=("fr",))


@pytest.fixture
def add_italian(department, commits):
    def add_italian():
        with commits():
            site = department.site
            create_department(
                code="03", name=department.name, slug="allier", hostname=site.hostname, port=site.port,
                locales=["fr", "it"], source="fr",
            )  # fmt: skip

    return add_italian


@pytest.fixture
def remove(client, department, commits):
    client.force_login(make_user("admin", is_superuser=True))

    def remove(method="post"):
        with commits():
            url = reverse("department_language_remove", args=[department.pk, "it"])
            return getattr(client, method)(url, follow=True)

    return remove


def levels(response):
    return [message.level_tag for message in response.context["messages"]]


def translate(page, *, live):
    """Return the Italian version of a page, made by wagtail-localize."""
    source, _created = TranslationSource.get_or_create_from_instance(page)
    italian = Locale.objects.get(language_code="it")
    translation = Translation.objects.create(source=source, target_locale=italian)
    # Nobody has translated the texts of the page.
    Department.objects.update(publishes_partial_translations=live)
    translation.save_target(publish=live)
    return translation.get_target_instance()


def test_the_department_is_as_before(department, add_italian, remove, commits):
    with commits():
        page = make_page(EventPage, department)
    before, workflows, steps = inventory(department), Workflow.objects.count(), GroupApprovalTask.objects.count()
    add_italian()
    with commits():
        draft = translate(page, live=False)
    translator = make_user("traduttrice", groups=["allier:translator:it", "allier:reader"])
    shown = remove("get").content.decode()
    assert draft.title in shown
    assert "href" in shown
    assert levels(remove()) == ["success"]
    assert inventory(department) == before
    assert not Page.objects.filter(path__startswith=department.container.path, locale__language_code="it").exists()
    assert not PublishedDocument.objects.public().filter(locale="it").exists()
    assert not Translation.objects.filter(target_locale__language_code="it").exists()
    assert (Workflow.objects.count(), GroupApprovalTask.objects.count()) == (workflows, steps)
    assert list(translator.groups.values_list("name", flat=True)) == ["allier:reader"]
    assert not Group.objects.filter(name__endswith=":it").exists()
    actions = AuditLogEntry.objects.filter(department=department).values_list("action", "details")
    assert ("language_added", {"language": "it"}) in actions
    assert ("language_removed", {"language": "it"}) in actions
    add_italian()
    assert department.locales.count() == 2


def test_it_is_refused_while_a_page_is_published_in_it(department, add_italian, remove, commits):
    add_italian()
    with commits():
        page = translate(make_page(EventPage, department), live=True)
    assert f"«\xa0{page.title}\xa0»" in remove("get").content.decode()
    assert levels(remove()) == ["error"]
    assert department.locales.count() == 2
    assert PublishedDocument.objects.public().filter(locale="it", type="event").exists()
    with commits():
        page.refresh_from_db()
        page.unpublish()
    assert levels(remove()) == ["success"]


def test_it_is_refused_while_the_site_shows_anothers_page_in_it(department, add_italian, remove, commits):
    add_italian()
    with commits():
        page = make_page(EventPage, make_department("isere", locales=("fr", "it")))
        translate(page, live=True)
        mirror(page, department)
    assert levels(remove()) == ["error"]
    assert department.locales.count() == 2


def test_the_source_language_stays(client, department, remove):
    response = client.post(reverse("department_language_remove", args=[department.pk, "fr"]), follow=True)
    assert levels(response) == ["error"]
    assert department.locales.count() == 1
    assert remove().status_code == 404


@pytest.mark.parametrize("role", ["administrator", "publisher"])
def test_only_administrators_of_the_instance_remove_languages(client, department, add_italian, role):
    add_italian()
    client.force_login(make_user("membre", groups=[f"allier:{role}"]))
    url = reverse("department_language_remove", args=[department.pk, "it"])
    assert client.get(url).status_code == client.post(url).status_code == 404
    assert department.locales.count() == 2
    if role == "administrator":
        assert url not in client.get(reverse("department_settings", args=[department.pk])).content.decode()


def test_the_settings_lead_to_it(client, department, add_italian, remove):
    add_italian()
    shown = client.get(reverse("department_settings", args=[department.pk])).content.decode()
    assert reverse("department_language_remove", args=[department.pk, "it"]) in shown
    assert reverse("department_language_remove", args=[department.pk, "fr"]) not in shown
