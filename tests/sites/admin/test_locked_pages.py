"""A page that is locked for a user is published, reverted and converted in no way, as by its form."""

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page

from cms.pages.models import StandardPage
from tests.factories.departments import make_department
from tests.factories.pages import home_of, make_page
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def department():
    return make_department("allier")


@pytest.fixture
def page(department):
    """Return a page with a draft."""
    page = make_page(StandardPage, department, title="Public", slug="page")
    page.title = "Brouillon"
    page.save_revision()
    return Page.objects.get(pk=page.pk)


def lock(page):
    owner = make_user("owner", groups=["allier:publisher"])
    Page.objects.filter(pk=page.pk).update(locked=True, locked_by=owner, locked_at=timezone.now())


def wait_for_approval(page):
    page = page.specific
    page.get_workflow().start(page, make_user("author", groups=["allier:editor"]))


def act(client, page, action, **data):
    url = reverse("wagtailadmin_api:pages:action", args=[page.pk, action])
    return client.post(url, data, "application/json").status_code


def publish_selected(client, *pages, **form):
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    return client.post(url + "?" + "&".join(f"id={page.pk}" for page in pages), form)


def title(page):
    return Page.objects.get(pk=page.pk).title


@pytest.mark.parametrize(("hinder", "role"), [(lock, "publisher"), (lock, "editor"), (wait_for_approval, "editor")])
def test_actions_of_the_api_respect_locks(client, page, hinder, role):
    hinder(page)
    client.force_login(make_user("other", groups=[f"allier:{role}"]))
    before = page.revisions.count()
    assert act(client, page, "publish") == 403
    assert act(client, page, "revert_to_page_revision", revision_id=page.revisions.first().pk) == 403
    assert (title(page), page.revisions.count()) == ("Public", before)


def test_the_owner_of_a_lock_publishes(client, page):
    lock(page)
    client.force_login(Page.objects.get(pk=page.pk).locked_by)
    assert act(client, page, "publish") == 200
    assert title(page) == "Brouillon"


def test_a_locked_alias_is_not_converted(client, department, page):
    alias = page.specific.create_alias(parent=home_of(department), update_slug="alias")
    lock(alias)
    client.force_login(make_user("other", groups=["allier:publisher"]))
    assert act(client, alias, "convert_alias") == 403
    assert Page.objects.get(pk=alias.pk).alias_of_id == page.pk


def test_a_bulk_action_leaves_locked_pages_out(client, department, page):
    other = make_page(StandardPage, department, title="Public", slug="autre")
    other.title = "Brouillon"
    other.save_revision()
    lock(page)
    client.force_login(make_user("other", groups=["allier:publisher"]))
    publish_selected(client, page, other)
    assert (title(page), title(other)) == ("Public", "Brouillon")


def test_a_bulk_action_leaves_locked_pages_below_out(client, department):
    section = make_page(StandardPage, department, title="Public", slug="section")
    below = make_page(StandardPage, section, title="Public", slug="dessous", publish=False)
    lock(below)
    client.force_login(make_user("other", groups=["allier:publisher"]))
    publish_selected(client, section, include_descendants="on")
    assert not Page.objects.get(pk=below.pk).live
