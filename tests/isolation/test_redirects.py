"""Tests that a department redirects paths of its own site only."""

import pytest
from django.urls import reverse
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Site

from cms.pages.models import StandardPage
from tests.factories.pages import home_of, make_page
from tests.factories.users import make_user

from .fixture_data import MARK

pytestmark = pytest.mark.embedded

ADD = "department_redirects:add"


@pytest.fixture
def publisher(client, fixture_data):
    client.force_login(make_user("ours", groups=["allier:publisher"]))
    return client


def form(fixture_data, **fields):
    site = fixture_data.ours.department.site_id
    return {"old_path": "/vieux", "site": site, "is_permanent": "on", "redirect_page": "", "redirect_link": ""} | fields


def errors(response):
    return response.context["form"].errors if response.context else {}


def test_a_publisher_adds_edits_and_deletes_redirects_of_the_own_site(publisher, fixture_data):
    response = publisher.post(reverse(ADD), form(fixture_data, redirect_page=fixture_data.ours.page.pk))
    assert response.status_code == 302, errors(response)
    redirect = Redirect.objects.get(old_path="/vieux")
    assert (redirect.site, redirect.redirect_page_id) == (fixture_data.ours.department.site, fixture_data.ours.page.pk)
    assert "/vieux" in publisher.get(reverse("department_redirects:index")).content.decode()

    edit = reverse("department_redirects:edit", args=[redirect.pk])
    assert publisher.get(edit).status_code == 200
    assert publisher.post(edit, form(fixture_data, redirect_link="/fr/accueil/")).status_code == 302
    redirect.refresh_from_db()
    assert (redirect.redirect_page, redirect.redirect_link) == (None, "/fr/accueil/")

    assert publisher.post(reverse("department_redirects:delete", args=[redirect.pk])).status_code == 302
    assert not Redirect.objects.filter(pk=redirect.pk).exists()


def test_the_list_and_its_export_name_nothing_of_another_department(publisher, fixture_data):
    for query in ("", "?q=old", "?export=csv", "?export=xlsx"):
        for name in ("index", "index_results"):
            response = publisher.get(reverse(f"department_redirects:{name}") + query)
            body = b"".join(response) if response.streaming else response.content
            assert response.status_code == 200
            assert MARK.encode() not in body.lower(), query
    assert "ours-old" in publisher.get(reverse("department_redirects:index")).content.decode()
    assert "import" not in publisher.get(reverse("department_redirects:index")).content.decode()


@pytest.mark.parametrize("name", ["edit", "delete"])
def test_redirect_of_another_department_answers_404(publisher, fixture_data, name):
    url = reverse(f"department_redirects:{name}", args=[fixture_data.theirs.redirect.pk])
    before = Redirect.objects.filter(pk=fixture_data.theirs.redirect.pk).values().get()
    assert publisher.get(url).status_code == 404
    assert publisher.post(url, form(fixture_data, redirect_link="/")).status_code == 404
    assert Redirect.objects.filter(pk=fixture_data.theirs.redirect.pk).values().get() == before


@pytest.mark.parametrize("chosen", ["", "theirs"])
def test_redirect_for_all_sites_or_a_foreign_site_is_refused(publisher, fixture_data, chosen):
    site = fixture_data.theirs.department.site_id if chosen else ""
    response = publisher.post(reverse(ADD), form(fixture_data, site=site, redirect_link="https://example.org/"))
    assert "site" in errors(response)
    assert MARK not in response.content.decode().lower()
    assert not Redirect.objects.filter(old_path="/vieux").exists()


@pytest.mark.parametrize("key", ["page", "draft"])
def test_foreign_redirect_target_is_refused(publisher, fixture_data, key):
    data = form(fixture_data, redirect_page=getattr(fixture_data.theirs, key).pk)
    assert publisher.post(reverse(ADD), data).status_code == 404
    assert not Redirect.objects.filter(old_path="/vieux").exists()


def test_member_of_two_departments_cannot_redirect_to_the_other_sites_page(client, fixture_data):
    client.force_login(make_user("both", groups=["allier:publisher", f"{MARK}:publisher"]))
    response = client.post(reverse(ADD), form(fixture_data, redirect_page=fixture_data.theirs.page.pk))
    assert "redirect_page" in errors(response)
    response = client.post(
        reverse(ADD),
        form(fixture_data, site=fixture_data.theirs.department.site_id, redirect_page=fixture_data.theirs.page.pk),
    )
    assert response.status_code == 302


def test_editor_in_a_second_department_cannot_redirect_its_site(client, fixture_data):
    client.force_login(make_user("mixed", groups=["allier:publisher", f"{MARK}:editor"]))
    data = form(fixture_data, site=fixture_data.theirs.department.site_id, redirect_link="/")
    assert "site" in errors(client.post(reverse(ADD), data))
    assert client.get(reverse("department_redirects:edit", args=[fixture_data.theirs.redirect.pk])).status_code == 404


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "//evil.example/", "/\\evil.example/",
        "ftp://example.org/", "mailto:a@example.org", "nowhere",
    ],
)  # fmt: skip
def test_invalid_redirect_target_is_refused(publisher, fixture_data, link):
    assert "redirect_link" in errors(publisher.post(reverse(ADD), form(fixture_data, redirect_link=link)))


@pytest.mark.parametrize("link", ["https://example.org/a", "http://example.org/", "/fr/agenda/?q=a"])
def test_url_and_path_are_valid_redirect_targets(publisher, fixture_data, link):
    assert publisher.post(reverse(ADD), form(fixture_data, redirect_link=link)).status_code == 302


def test_redirect_requires_exactly_one_target(publisher, fixture_data):
    assert "redirect_page" in errors(publisher.post(reverse(ADD), form(fixture_data)))
    both = form(fixture_data, redirect_page=fixture_data.ours.page.pk, redirect_link="/")
    assert "redirect_link" in errors(publisher.post(reverse(ADD), both))


def test_title_of_a_foreign_target_page_is_hidden(publisher, fixture_data):
    redirect = Redirect.add_redirect(
        "/vers-ailleurs", fixture_data.theirs.draft, site=fixture_data.ours.department.site
    )
    for url in (reverse("department_redirects:index"), reverse("department_redirects:edit", args=[redirect.pk])):
        body = publisher.get(url).content.decode()
        assert "/vers-ailleurs" in body
        assert f"{MARK.title()} draft" not in body


@pytest.mark.parametrize("role", ["editor", "media_manager", "reader", "translator:en"])
def test_other_roles_cannot_manage_redirects(client, fixture_data, role):
    client.force_login(make_user("other", groups=[f"allier:{role}"]))
    assert client.get(reverse("department_redirects:index")).status_code == 404
    assert client.post(reverse(ADD), form(fixture_data, redirect_link="/")).status_code == 404


def test_a_superuser_redirects_every_site_and_imports(client, fixture_data):
    client.force_login(make_user("root", is_superuser=True))
    body = client.get(reverse("department_redirects:index")).content.decode()
    assert "ours-old" in body
    assert f"{MARK}-old" in body
    assert reverse("wagtailredirects:start_import") in body
    assert client.post(reverse(ADD), form(fixture_data, site="", redirect_link="/")).status_code == 302
    assert client.get(reverse("wagtailredirects:start_import")).status_code == 200


def test_a_page_that_moves_or_changes_its_url_leaves_redirects_on_the_own_site_only(fixture_data, commits):
    with commits():
        section = make_page(StandardPage, fixture_data.ours.department, slug="rubrique")
        page = make_page(StandardPage, fixture_data.ours.department, slug="avant")
        english = make_page(StandardPage, home_of(fixture_data.ours.department, "en"), slug="before")
    Redirect.objects.all().delete()
    with commits():
        for each, slug in ((page, "apres"), (english, "after")):
            each.slug = slug
            each.save_revision().publish()
    with commits():
        page.move(section, pos="last-child")
    assert set(Redirect.objects.values_list("old_path", "site__department__slug")) == {
        ("/fr/avant", "allier"),
        ("/en/before", "allier"),
        ("/fr/apres", "allier"),
    }


def test_a_redirect_of_a_department_acts_on_its_own_host_only(client, fixture_data):
    for department in (fixture_data.ours.department, fixture_data.theirs.department):
        Redirect.add_redirect("/vieux", f"/{department.slug}", site=department.site)
    answer = client.get("/vieux/", headers={"host": "allier.example.test"})
    assert (answer.status_code, answer.url) == (301, "/allier")
    # The host of the admin belongs to no department; Wagtail's own middleware fails there.
    assert not Site.objects.filter(hostname="testserver").exists()
    assert client.get("/vieux/", headers={"host": "testserver"}).status_code == 404


def test_redirects_do_not_apply_to_refused_admin_urls(publisher, fixture_data):
    url = reverse("wagtailadmin_pages:edit", args=[fixture_data.theirs.page.pk])
    Redirect.add_redirect(url, "https://evil.example/", site=fixture_data.ours.department.site)
    assert publisher.get(url, headers={"host": "allier.example.test"}).status_code == 404


def test_query_count_of_the_list_does_not_grow_with_redirects(publisher, fixture_data, django_assert_max_num_queries):
    counts = []
    for number in range(100):
        Redirect.add_redirect(f"/ancien-{number}", fixture_data.ours.page, site=fixture_data.ours.department.site)
        if number in (9, 99):
            with django_assert_max_num_queries(100) as queries:
                publisher.get(reverse("department_redirects:index"))
            counts.append(len(queries))
    assert counts[1] <= counts[0]
