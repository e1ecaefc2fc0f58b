"""The part of the board with media and snippets: states, filters, CSV, languages of the user and number of queries."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail_localize.models import Translation, TranslationSource

from cms.pages.models import StandardPage, TestimonialPage
from cms.translations.models import MediaText
from tests.factories.departments import make_department
from tests.factories.media import ConsentFactory, DocumentFactory, ImageFactory, VideoFactory
from tests.factories.pages import OrganisationFactory, make_page
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db

BOARD = reverse("media_board")


@pytest.fixture
def as_role(client, department):
    def log_in(role):
        client.force_login(make_user(role.replace(":", "-"), groups=[f"allier:{role}"]))
        return client

    return log_in


def cells(client, **query):
    """Return the rows of the CSV by title."""
    response = client.get(BOARD, query | {"export": "csv"})
    rows = csv.DictReader(io.StringIO(b"".join(response).decode()))
    return {row.pop("Contenu"): row for row in rows}


def write(item, english, **values):
    kind, field = ("image", "description") if hasattr(item, "description") else ("document", "title")
    source = getattr(item, field)
    defaults = {"source_text": source, "text": "Text", "updated_at": timezone.now()}
    return MediaText.objects.create(**{kind: item}, field=field, locale=english, **defaults | values)


def test_states_follow_the_work(shown, english, as_role):
    client = as_role("publisher")
    assert cells(client)["photo-12"]["Anglais"] == "non traduite"
    assert cells(client)["Programme"]["Italien"] == "non traduite"
    text = write(shown.image, english)
    assert cells(client)["photo-12"]["Anglais"] == "en attente de relecture"
    text.state, text.public_text = "reviewed", "Text"
    text.save()
    assert cells(client)["photo-12"]["Anglais"] == "publiée et à jour"
    assert cells(client)["photo-12"]["Italien"] == "non traduite"
    shown.image.description = "Trois éducatrices"
    shown.image.save()
    assert cells(client)["photo-12"]["Anglais"] == "périmée"


def test_only_media_that_the_department_shows_are_listed(shown, department, as_role):
    ImageFactory(collection=department.collection, title="unused")
    other = make_department("nievre", locales=("fr", "en"))
    make_page(StandardPage, other, title="Ailleurs", image=ImageFactory(collection=other.collection, title="foreign"))
    assert set(cells(as_role("publisher"))) == {"photo-12", "Programme"}


def test_filters_find_the_cells_to_which_all_apply(shown, english, as_role):
    client = as_role("publisher")
    write(shown.image, english, state="reviewed")
    assert set(cells(client, kind="document")) == {"Programme"}
    assert set(cells(client, state="published")) == {"photo-12"}
    assert set(cells(client, state="published", language="it")) == set()
    assert set(cells(client, state="missing", language="en")) == {"Programme"}
    assert set(cells(client, state="x", language="de", kind="é", p="x")) == {"photo-12", "Programme"}


def test_captions_are_missing_in_a_language_until_they_are_uploaded(department, as_role, commits):
    with commits():
        consent = ConsentFactory(collection=department.collection)
        video = VideoFactory(collection=department.collection, title="Entretien", consent=consent)
        make_page(TestimonialPage, department, title="Camille", consent=consent, video=video)
    client = as_role("publisher")
    assert cells(client)["Entretien"]["Anglais"] == "non traduite"
    assert reverse("wagtailsnippets_cms_media_video:edit", args=[video.pk]) in client.get(BOARD).content.decode()
    caption = video.captions.get()
    caption.pk, caption.language = None, "en"
    caption.save()
    assert cells(client)["Entretien"]["Anglais"] == "publiée et à jour"
    # A translator sees what is missing, and has no right to the video.
    html = as_role("translator:en").get(BOARD).content.decode()
    assert "Entretien" in html
    assert reverse("wagtailsnippets_cms_media_video:edit", args=[video.pk]) not in html


def test_snippets_of_the_department_have_the_states_of_their_translations(department, english, as_role, commits):
    with commits():
        partner = OrganisationFactory(name="Croix-Rouge", owner=department)
        OrganisationFactory(name="Other", owner=make_department("nievre"))
    client = as_role("publisher")
    rows = cells(client)
    assert set(rows) == {"Croix-Rouge"}
    assert rows["Croix-Rouge"]["Anglais"] == "non traduite"
    assert reverse("translation_submit_snippet", args=["pages", "organisation", partner.pk]) in str(
        client.get(BOARD).content
    )
    with commits():
        source, _created = TranslationSource.update_or_create_from_instance(partner)
        translation = Translation.objects.create(source=source, target_locale=english)
        translation.save_target()
    assert cells(client)["Croix-Rouge"]["Anglais"].startswith("en cours (0 / ")
    assert reverse("translation_editor", args=[translation.pk]) in client.get(BOARD).content.decode()


def test_a_partner_sees_their_languages_and_opens_the_texts(shown, as_role):
    client = as_role("translator:en")
    rows = cells(client)
    assert "Anglais" in rows["photo-12"]
    assert "Italien" not in rows["photo-12"]
    html = client.get(BOARD, {"state": "missing"}).content.decode()
    url = f"{reverse('media_text', args=['image', shown.image.pk, 'en'])}?filters=state%3Dmissing"
    assert url in html
    response = client.get(url)
    data = {"text": "Two youth workers", "seen": response.context["form"]["seen"].value()}
    assert client.post(url, data)["Location"] == f"{BOARD}?state=missing"
    assert BOARD in client.get(reverse("translation_board")).content.decode()


@pytest.mark.parametrize("role", ["media_manager", "reader"])
def test_roles_without_languages_are_refused(shown, as_role, role):
    assert as_role(role).get(BOARD).status_code in (302, 403)


def test_the_number_of_queries_does_not_depend_on_the_number_of_media(shown, department, english, as_role, commits):
    client = as_role("publisher")
    client.get(BOARD)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(BOARD)
    with commits():
        for number in range(4):
            image = ImageFactory(collection=department.collection, title=f"photo {number}")
            document = DocumentFactory(collection=department.collection, title=f"Document {number}")
            make_page(StandardPage, department, title=f"Page {number}", image=image, body=[("document", document)])
            write(image, english)
            OrganisationFactory(name=f"Partner {number}", owner=department)
    with CaptureQueriesContext(connection) as many:
        response = client.get(BOARD)
    assert "photo 3" in response.content.decode()
    assert "Partner 3" in response.content.decode()
    assert len(many) == len(few)
