"""The translated texts of media: who writes and approves them, and what readers see."""

import pytest
from django.urls import reverse
from wagtail.models import CollectionViewRestriction, ModelLogEntry

from cms.delivery.models import PublishedDocument, RefreshRequest
from cms.translations.media_texts import text_screen
from cms.translations.models import MediaText
from cms.users.models import User
from sites.lifecycle.language_removal import remove_language
from tests.factories.media import ImageFactory
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_role(client, department):
    """Return a client that is logged in with a role."""

    users = {}

    def log_in(role):
        users[role] = users.get(role) or make_user(role.replace(":", "-"), groups=[f"allier:{role}"])
        client.force_login(users[role])
        return client

    return log_in


def screen(item, kind="image", language="en"):
    return reverse("media_text", args=[kind, item.pk, language])


def save(client, item, text, kind="image", language="en", **data):
    url = screen(item, kind, language)
    seen = client.get(url).context["form"]["seen"].value()
    return client.post(url, {"text": text, "seen": seen} | data)


def test_without_a_translation_readers_see_the_original_with_its_language(shown, client):
    document = shown.document_in("en")
    assert document["image"]["alt"] == "Deux éducatrices"
    assert document["translation"]["status"] == "translated"
    assert document["translation"]["untranslated"] == ["/image/alt", "/content/body/0/value/title"]
    card = PublishedDocument.objects.get(content_id=shown.page.translation_key, locale="en").card_data
    assert card["translation"] == {"source_locale": "fr", "untranslated": ["/image/alt"]}
    path = PublishedDocument.objects.get(content_id=shown.page.translation_key, locale="en").data["path"]
    html = client.get(path, headers={"host": shown.page.get_site().hostname}).content.decode()
    assert '<img lang="fr"' in html
    assert '<span lang="fr">Programme</span>' in html
    assert shown.document_in("fr")["translation"]["untranslated"] == []


def test_readers_see_a_translation_once_it_is_approved(shown, as_role, commits):
    with commits():
        save(as_role("translator:en"), shown.image, "Two youth workers")
    assert MediaText.objects.get().state == "waiting"
    assert shown.document_in("en")["image"]["alt"] == "Deux éducatrices"
    number = PublishedDocument.objects.get(content_id=shown.page.translation_key, locale="en").sequence
    with commits():
        save(as_role("reviewer:en"), shown.image, "Two youth workers", approve="1")
    assert shown.document_in("en")["image"]["alt"] == "Two youth workers"
    assert shown.document_in("en")["translation"]["untranslated"] == ["/content/body/0/value/title"]
    assert PublishedDocument.objects.get(content_id=shown.page.translation_key, locale="en").sequence > number
    assert shown.document_in("fr")["image"]["alt"] == "Deux éducatrices"
    entries = ModelLogEntry.objects.filter(action__startswith="translations.media")
    assert set(entries.values_list("action", "user__username")) == {
        ("translations.media_text_written", "translator-en"),
        ("translations.media_text_reviewed", "reviewer-en"),
    }  # fmt: skip


def test_the_approved_text_stays_public_until_another_is_approved(shown, as_role, commits):
    with commits():
        save(as_role("reviewer:en"), shown.image, "Two youth workers", approve="1")
        save(as_role("translator:en"), shown.image, "Two people")
    assert shown.document_in("en")["image"]["alt"] == "Two youth workers"
    assert "Two youth workers" in as_role("reviewer:en").get(screen(shown.image)).content.decode()
    with commits():
        shown.image.description = "Deux éducatrices et un enfant"
        shown.image.save()
    assert shown.document_in("en")["image"]["alt"] == "Two youth workers"
    assert "Deux éducatrices</span>" in as_role("reviewer:en").get(screen(shown.image)).content.decode()


def test_the_title_of_a_document_is_translated(shown, as_role, commits):
    with commits():
        save(as_role("publisher"), shown.document, "Agenda", kind="document", approve="1")
    assert shown.document_in("en")["content"]["body"][0]["value"]["title"] == "Agenda"


def test_the_own_text_of_a_page_comes_first(shown, as_role, commits):
    with commits():
        save(as_role("reviewer:en"), shown.image, "Two youth workers", approve="1")
        page = shown.page.get_translation(MediaText.objects.get().locale).specific
        page.image_alt = "Our team"
        page.save_revision().publish()
    assert shown.document_in("en")["image"]["alt"] == "Our team"


def test_a_deleted_translation_leaves_the_original(shown, as_role, commits):
    with commits():
        save(as_role("reviewer:en"), shown.image, "Two youth workers", approve="1")
    with commits():
        MediaText.objects.get().delete()
    assert shown.document_in("en")["image"]["alt"] == "Deux éducatrices"


@pytest.mark.parametrize("role", ["translator:en", "editor"])
def test_nobody_approves_without_the_right(shown, as_role, role):
    assert save(as_role(role), shown.image, "Two youth workers", approve="1").status_code in (302, 403)
    assert not MediaText.objects.exists()


@pytest.mark.parametrize("role", ["translator:it", "reviewer:it", "media_manager", "reader"])
def test_other_languages_and_roles_are_refused(shown, as_role, role):
    assert as_role(role).get(screen(shown.image)).status_code in (302, 403, 404)


def test_only_shown_media_of_the_department_are_found(shown, department, as_role, commits):
    client = as_role("translator:en")
    unused = ImageFactory(collection=department.collection)
    foreign = ImageFactory()
    for item in (unused, foreign):
        assert client.get(screen(item)).status_code in (302, 404)
    assert client.get(screen(shown.image)).status_code == 200
    assert client.get(screen(shown.image, "video")).status_code in (302, 404)
    CollectionViewRestriction.objects.create(collection=department.collection, restriction_type="login")
    assert client.get(screen(shown.image)).status_code in (302, 404)


def test_a_change_made_meanwhile_is_not_overwritten(shown, as_role):
    client = as_role("translator:en")
    seen = client.get(screen(shown.image)).context["form"]["seen"].value()
    save(client, shown.image, "Two youth workers")
    response = client.post(screen(shown.image), {"text": "Mine", "seen": seen})
    assert response.status_code == 200
    assert MediaText.objects.get().text == "Two youth workers"
    assert "Mine" in response.content.decode()
    seen = response.context["form"]["seen"].value()
    assert client.post(screen(shown.image), {"text": "Mine", "seen": seen}).status_code == 302
    assert MediaText.objects.get().text == "Mine"


@pytest.mark.parametrize("text", ["", " ", "x" * 256, "a\x00b", "a\ufdd0b"])
def test_texts_that_cannot_be_stored_are_refused(shown, as_role, text):
    assert save(as_role("reviewer:en"), shown.image, text, approve="1").status_code in (200, 400)
    assert not MediaText.objects.exists()


def test_a_removed_language_takes_its_texts(shown, department, english, as_role):
    save(as_role("reviewer:en"), shown.image, "Two youth workers", approve="1")
    shown.page.get_translation(english).unpublish()
    remove_language(department.department_locales.get(locale=english))
    assert not MediaText.objects.exists()


def test_pages_are_written_again_for_another_public_text_only(shown, as_role):
    RefreshRequest.objects.all().delete()
    for text in ("Two youth workers", "Two people"):
        save(as_role("translator:en"), shown.image, text)
    assert not RefreshRequest.objects.exists()
    save(as_role("reviewer:en"), shown.image, "Two people", approve="1")
    assert RefreshRequest.objects.exists()
    RefreshRequest.objects.all().delete()
    save(as_role("translator:en"), shown.image, "Two")
    save(as_role("reviewer:en"), shown.image, "Two people", approve="1")
    assert MediaText.objects.get().state == "reviewed"
    assert not RefreshRequest.objects.exists()


SCRIPT = "\"><script>alert(1)</script><img src=x onerror=alert(2)>' {{7*7}}"


def test_texts_are_shown_as_texts(shown, as_role, commits):
    client = as_role("publisher")
    with commits():
        for item, names in ((shown.image, ("title", "description")), (shown.document, ("title",))):
            for name in names:
                setattr(item, name, SCRIPT)
            item.save()
    with commits():
        save(client, shown.image, SCRIPT, approve="1")
        save(client, shown.document, SCRIPT, kind="document", approve="1")
    path = shown.document_in("en")["path"]
    pages = [
        client.get(screen(shown.image), {"filters": SCRIPT}),
        client.get(screen(shown.document, "document")),
        client.get(reverse("media_board"), {"kind": SCRIPT}),
        client.get(path, headers={"host": shown.page.get_site().hostname}),
    ]
    for page in pages:
        html = page.content.decode()
        assert page.status_code == 200
        assert "<script>alert" not in html
        assert "<img src=x" not in html


@pytest.mark.parametrize("lost", ["role", "language", "medium"])
def test_what_is_lost_while_the_request_waits_is_not_used(shown, as_role, department, english, monkeypatch, lost):
    client = as_role("reviewer:en")
    client.raise_request_exception = False
    original = text_screen.MediaTextForm.is_valid

    def lose(form):
        if lost == "role":
            User.objects.get(username="reviewer-en").groups.clear()
        elif lost == "language":
            department.department_locales.filter(locale=english).delete()
        else:
            shown.image.__class__.objects.filter(pk=shown.image.pk).delete()
        return original(form)

    seen = client.get(screen(shown.image)).context["form"]["seen"].value()
    monkeypatch.setattr(text_screen.MediaTextForm, "is_valid", lose)
    data = {"text": "Two youth workers", "seen": seen, "approve": "1"}
    assert client.post(screen(shown.image), data).status_code in (302, 403, 404)
    assert not MediaText.objects.exists()
