"""`load_demo` creates the demo, and a second run changes nothing."""

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from wagtail.models import Page, Revision
from wagtail_localize.models import StringSegment, Translation

from cms.delivery.models import FeedCounter, PublishedDocument, RefreshRequest
from cms.demo.content_files import stable_uuid
from cms.media.models import Consent, CustomDocument, CustomImage, Video
from cms.pages.models import ContentPage, Organisation
from search.models import ConceptCounter, ConceptLabel
from sites.models import Department

from .demo import load_demo

pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.usefixtures("demo", "db")]

COUNTED = [Page, Revision, Organisation, CustomImage, CustomDocument, Video, Consent, Translation, ConceptLabel]


def state():
    """Return the state that a second run could change."""
    return {
        "rows": {model.__name__: model.objects.count() for model in COUNTED},
        "last numbers": (FeedCounter.objects.get().last, ConceptCounter.last_number()),
        "documents": set(PublishedDocument.objects.values_list("content_id", "locale", "etag", "sequence")),
        "users": set(get_user_model().objects.values_list("username", "password")),
    }


def locales_of(key):
    return set(
        PublishedDocument.objects.public().filter(content_id=stable_uuid("page", key)).values_list("locale", flat=True)
    )


def test_a_second_run_changes_nothing(settings):
    settings.DEBUG = True
    load_demo("--port", "8000")
    before = state()
    load_demo("--port", "8000")
    assert state() == before
    assert not RefreshRequest.objects.exists()


def test_a_page_that_an_editor_changed_is_kept():
    page = Page.objects.get(slug="raconte-moi-ton-travail-social").specific
    page.tagline = "Un autre slogan"
    page.save_revision().publish()
    load_demo()
    page.refresh_from_db()
    assert page.tagline == "Un autre slogan"


def test_every_type_of_page_is_published():
    published = set(PublishedDocument.objects.public().values_list("type", flat=True))
    assert published == {model.document_type for model in ContentPage.__subclasses__()}


def test_every_page_is_published():
    pages = Page.objects.filter(depth__gt=2)
    assert not pages.filter(live=False).exists()
    assert not pages.filter(has_unpublished_changes=True).exists()
    assert PublishedDocument.objects.public().count() == pages.count()


@pytest.mark.parametrize(
    ("key", "locales"),
    [
        ("allier/raconte-moi", {"fr", "en"}),
        ("hauts-de-seine/campagne", {"fr", "en"}),
        ("isere/erasmus", {"fr", "en", "it", "fi"}),
        ("isere/partenariats", {"fr", "en", "it", "fi"}),
        ("hauts-de-seine/irts-aurore", {"fr", "en"}),
        ("indre-et-loire/festival", {"fr", "en"}),
    ],
)
def test_translations_are_published(key, locales):
    assert locales_of(key) == locales


def test_every_string_of_a_translation_is_translated():
    assert Translation.objects.exists()
    for translation in Translation.objects.select_related("source"):
        total, translated = translation.get_progress()
        assert translated == total == StringSegment.objects.filter(source=translation.source).count()


def test_festival_is_placed_on_the_sites_of_both_departments():
    for document in PublishedDocument.objects.filter(content_id=stable_uuid("page", "indre-et-loire/festival")):
        holders = set(document.placements.values_list("department__slug", flat=True))
        assert holders == {"indre-et-loire", "loir-et-cher"}


def test_numchild_of_every_page_is_correct():
    """Adding a page below a parent with a wrong `numchild` would fail."""
    for page in Page.objects.all():
        assert page.numchild == Page.objects.child_of(page).count(), page


def test_a_profession_is_mirrored_and_another_copied():
    allier = PublishedDocument.objects.public().on_site_of(Department.objects.get(slug="allier"))
    mirror = allier.get(content_id=stable_uuid("page", "hauts-de-seine/conseiller"), locale="fr").data
    assert [(holder["department"], holder["relation"]) for holder in mirror["holders"]] == [
        ("hauts-de-seine", "owner"),
        ("allier", "mirror"),
    ]
    origin = PublishedDocument.objects.get(content_id=stable_uuid("page", "hauts-de-seine/educateur"), locale="fr")
    copies = [document.data for document in allier.filter(type="profession", department__slug="allier")]
    assert [copy["origin"]["url"] for copy in copies if copy["origin"]] == [origin.data["url"]]


def test_departments_have_their_languages():
    languages = {
        department.slug: {row.locale.language_code for row in department.department_locales.all()}
        for department in Department.objects.all()
    }
    assert languages == {
        "allier": {"fr", "en"},
        "hauts-de-seine": {"fr", "en"},
        "isere": {"fr", "en", "it", "fi"},
        "indre-et-loire": {"fr", "en"},
        "loir-et-cher": {"fr", "en"},
    }


def test_another_port_changes_the_sites(settings):
    load_demo("--without-accounts", "--port", "8123")
    assert set(Department.objects.values_list("site__port", flat=True)) == {8123}
    document = PublishedDocument.objects.get(content_id=stable_uuid("page", "allier/raconte-moi"), locale="fr")
    assert document.data["url"].startswith("http://allier.localhost:8123/")


def test_printed_urls_and_accounts_work(settings, client):
    settings.DEBUG = True
    output = load_demo("--port", "8000")
    for expected in [
        "http://allier.localhost:8000/",
        "http://127.0.0.1:8000/isere/",
        "http://127.0.0.1:8000/admin/",
        "http://127.0.0.1:8000/api/v1/",
        "publication.loir-et-cher",
        "redaction.allier",
        "traduction-it.isere",
    ]:
        assert expected in output
    for username in ["admin", "redaction.allier", "traduction-it.isere"]:
        assert client.login(username=username, password="demo")
        assert client.get("/admin/").status_code == 200


def test_accounts_are_refused_in_production(settings):
    settings.DEBUG = False
    with pytest.raises(CommandError, match="--without-accounts"):
        call_command("load_demo")
    assert not get_user_model().objects.filter(username="admin").exists()
