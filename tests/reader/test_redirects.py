"""Tests of redirects from former URLs of moved pages."""

import pytest
from django.utils import timezone
from wagtail.models import Locale, PageViewRestriction

from cms.pages.models import StandardPage, TestimonialPage
from tests.factories.departments import make_department
from tests.factories.media import ConsentFactory, VideoFactory
from tests.factories.pages import make_page


@pytest.mark.django_db
@pytest.mark.parametrize(
    "end", ["private", "other language private", "unpublished", "consent withdrawn", "video without consent"]
)
def test_a_former_url_does_not_tell_the_url_of_a_page_that_is_not_public(end, client, commits):
    department = make_department("allier")
    consents = [ConsentFactory(collection=department.collection) for _number in range(2)]
    video = VideoFactory(collection=department.collection, consent=consents[1])
    with commits():
        page = make_page(TestimonialPage, department, slug="temoin", consent=consents[0], video=video)
    with commits():
        page.slug = "camille-zqname"
        page.save_revision().publish()
    translation = page.copy_for_translation(Locale.objects.get(language_code="en"), copy_parents=True)
    url, headers = "/fr/testimonial/temoin/", {"host": "allier.example.test"}
    assert client.get(url, headers=headers).url == "/fr/testimonial/camille-zqname/"

    with commits():
        if end == "unpublished":
            page.unpublish()
        elif "consent" in end:
            consent = consents[end == "video without consent"]
            consent.withdrawn_on = timezone.localdate()
            consent.save()
        else:
            PageViewRestriction.objects.create(page=page if end == "private" else translation, restriction_type="login")

    for query in ("", "?page=2"):
        response = client.get(url + query, headers=headers)
        assert response.status_code == 404
        assert "zqname" not in response.content.decode()


@pytest.mark.django_db
def test_a_former_url_redirects_to_the_new_one(client, commits):
    with commits():
        department = make_department("allier")
        page = make_page(StandardPage, department, slug="ancienne")
    with commits():
        page.slug = "nouvelle"
        page.save_revision().publish()

    response = client.get("/fr/ancienne/", headers={"host": "allier.example.test"})
    assert (response.status_code, response.url) == (301, "/fr/nouvelle/")
    assert client.get(response.url, headers={"host": "allier.example.test"}).status_code == 200
