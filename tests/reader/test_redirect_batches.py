"""The override `cms.overrides.redirect_batches`: redirects of a large subtree are stored on every database."""

import pytest
from wagtail.contrib.redirects.models import Redirect
from wagtail.contrib.redirects.signal_handlers import BatchRedirectCreator

from tests.factories.departments import make_department

PAGES = 2_000

pytestmark = pytest.mark.django_db


def store(site, target):
    """Store a redirect for each of the pages below one, as a change of its slug does."""
    batch = BatchRedirectCreator(max_size=PAGES, ignore_conflicts=True)
    for number in range(PAGES):
        batch.add(old_path=f"/fr/a/{number}", site=site, redirect_link=target, automatically_created=True)
    batch.process()


def test_automatic_redirects_of_a_large_subtree_replace_older_ones():
    site, other = (make_department(slug).site for slug in ("allier", "isere"))
    kept = [
        Redirect.add_redirect("/fr/a/7", "/by-hand", site=site, automatically_created=False),
        Redirect.add_redirect("/fr/a/8", "/other-site", site=other, automatically_created=True),
        Redirect.add_redirect("/fr/b/9", "/other-page", site=site, automatically_created=True),
    ]
    store(site, "/first")
    store(site, "/second")
    assert Redirect.objects.filter(redirect_link="/first").count() == 0
    assert Redirect.objects.filter(redirect_link="/second").count() == PAGES - 1
    assert Redirect.objects.filter(pk__in=[each.pk for each in kept]).count() == 3
