"""The number of forms in the formsets of a request has a limit at every URL, before one is made."""

import time

import pytest
from django.http import QueryDict
from django.urls import reverse
from wagtail.models import Comment
from wagtail.test.utils.form_data import nested_form_data, streamfield

from cms.pages.models import StandardPage
from sites.request_bodies.form_counts import MAX_FORMS, refused_form_count
from tests.factories.departments import make_department
from tests.factories.pages import home_of, make_page
from tests.factories.users import make_user


def form(**fields):
    data = QueryDict(mutable=True)
    data.update(fields)
    return data


def nested(comments, replies, **fields):
    """Return the fields of a page form with comments that have replies, of which only the numbers are sent."""
    data = {"comments-TOTAL_FORMS": comments, "comments-INITIAL_FORMS": 0, "comments-MAX_NUM_FORMS": ""}
    for number in range(comments):
        data |= {
            f"comments-{number}-text": "Texte",
            f"comments-{number}-contentpath": "title",
            f"comments-{number}-replies-TOTAL_FORMS": replies,
            f"comments-{number}-replies-INITIAL_FORMS": 0,
        }
    return nested_form_data({"title": "Page", "slug": "page", "summary": "", "body": streamfield([])}) | data | fields


@pytest.mark.parametrize("value", ["30", " 30 ", "３０", "30.0", "+30", "3_0"])
def test_numbers_are_read_as_formsets_read_them(value):
    assert refused_form_count(form(**{"a-TOTAL_FORMS": value})) == ("a-TOTAL_FORMS", value)


@pytest.mark.parametrize("value", ["", "0", "1", "x", "-5", "9" * 5000, "1e9"])
def test_numbers_that_make_no_forms_are_left_to_the_formset(value):
    assert refused_form_count(form(**{"a-TOTAL_FORMS": value})) is None


def test_all_formsets_together_have_no_more_forms_than_fields_and_than_the_limit():
    fields = {f"a-{number}-id": "" for number in range(2 * MAX_FORMS)}
    half = MAX_FORMS // 2
    assert refused_form_count(form(**fields, **{"a-TOTAL_FORMS": half, "b-TOTAL_FORMS": half})) is None
    too_many = form(**fields, **{"a-TOTAL_FORMS": half, "b-TOTAL_FORMS": half + 1})
    assert refused_form_count(too_many) == ("b-TOTAL_FORMS", str(half + 1))
    assert refused_form_count(form(a="", **{"a-TOTAL_FORMS": 3})) == ("a-TOTAL_FORMS", "3")


@pytest.mark.django_db
@pytest.mark.embedded
@pytest.mark.parametrize("name", ["edit", "preview_on_edit", "add", "preview_on_add", "snippet"])
@pytest.mark.parametrize(("comments", "replies"), [(40, 2000), (2, 1_000_000), (300, 3)])
def test_no_url_makes_more_forms(client, name, comments, replies):
    department = make_department("allier")
    client.force_login(user := make_user("editor", groups=["allier:publisher"]))
    page = make_page(StandardPage, department, title="Page", slug="page", owner=user)
    urls = {
        "edit": reverse("wagtailadmin_pages:edit", args=[page.pk]),
        "preview_on_edit": reverse("wagtailadmin_pages:preview_on_edit", args=[page.pk]),
        "add": reverse("wagtailadmin_pages:add", args=["pages", "standardpage", home_of(department).pk]),
        "preview_on_add": reverse(
            "wagtailadmin_pages:preview_on_add", args=["pages", "standardpage", home_of(department).pk]
        ),
        "snippet": reverse("wagtailsnippets_pages_organisation:add"),
    }
    begun = time.process_time()
    response = client.post(urls[name], nested(comments, replies))
    assert response.status_code == 400
    assert "TOTAL_FORMS" in response.content.decode()
    assert time.process_time() - begun < 2
    assert not Comment.objects.exists()


@pytest.mark.django_db
@pytest.mark.embedded
def test_comments_without_replies_are_saved(client):
    department = make_department("allier")
    client.force_login(user := make_user("editor", groups=["allier:publisher"]))
    page = make_page(StandardPage, department, title="Page", slug="page", owner=user)
    url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    assert client.post(url, nested(40, 0)).status_code == 302
    assert Comment.objects.filter(page=page).count() == 40
    replies = {
        "comments-0-replies-TOTAL_FORMS": 2,
        "comments-0-replies-0-text": "Un",
        "comments-0-replies-1-text": "Deux",
    }
    assert client.post(url, nested(1, 0, **replies)).status_code == 302
    assert list(Comment.objects.latest("pk").replies.values_list("text", flat=True)) == ["Un", "Deux"]


@pytest.mark.django_db
@pytest.mark.embedded
def test_blocks_of_a_stream_are_made_from_fields_that_are_sent(client):
    """The number of blocks is the client's too, but each of them needs three fields."""
    department = make_department("allier")
    client.force_login(user := make_user("editor", groups=["allier:publisher"]))
    page = make_page(StandardPage, department, title="Page", slug="page", owner=user)
    begun = time.process_time()
    data = nested(0, 0, **{"body-count": 10**9})
    assert client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), data).status_code == 400
    assert time.process_time() - begun < 2
