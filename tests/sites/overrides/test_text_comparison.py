"""The override `sites.admin.overrides.text_comparison`: comparisons of revisions take a bounded time."""

import random
import time

import pytest
from django.urls import reverse
from wagtail.rich_text import RichText

from cms.pages.models import StandardPage
from tests.factories.departments import make_department
from tests.factories.pages import make_page
from tests.factories.users import make_user

WORDS = [f"mot{number:04}" for number in range(120)]


def long_text(seed):
    return " ".join(random.Random(seed).choices(WORDS, k=12_000))


@pytest.mark.django_db
def test_revisions_with_long_texts_are_compared_in_a_short_time(client):
    page = make_page(StandardPage, make_department("allier"), body=[("text", f"<p>{long_text(1)}</p>")])
    first = page.save_revision()
    page.body[0].value = RichText(f"<p>{long_text(2)}</p>")
    second = page.save_revision()
    client.force_login(make_user("editor", groups=["allier:editor"]))
    url = reverse("wagtailadmin_pages:revisions_compare", args=[page.pk, first.pk, second.pk])
    started = time.process_time()
    html = client.get(url).content.decode()
    assert time.process_time() - started < 3  # Wagtail's own takes 3 s for two thirds of the text
    assert '<span class="deletion">' in html
    assert '<span class="addition">' in html


@pytest.mark.django_db
def test_changed_words_are_marked(client):
    page = make_page(StandardPage, make_department("allier"), title="Ouvert le lundi")
    first = page.save_revision()
    page.title = "Ouvert le mardi"
    second = page.save_revision()
    client.force_login(make_user("editor", groups=["allier:editor"]))
    url = reverse("wagtailadmin_pages:revisions_compare", args=[page.pk, first.pk, second.pk])
    html = client.get(url).content.decode()
    assert 'Ouvert le <span class="deletion">lundi</span><span class="addition">mardi</span>' in html
