"""Tests of translation: own pages only, no unsafe links, and no publishing without the permission."""

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from wagtail.models import Locale, Page
from wagtail_localize.models import (
    OverridableSegment,
    SegmentOverride,
    StringTranslation,
    Translation,
)

from cms.pages.models import Organisation
from cms.translations.exchange.po import HEADER
from tests.factories.pages import OrganisationFactory
from tests.factories.users import make_user
from tests.typed_translations import errors_of, type_translation

from .fixture_data import make_actor

pytestmark = pytest.mark.embedded

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def login(client, fixture_data):
    actors = {}

    def login(role):
        actors[role] = actors.get(role) or make_actor(role)
        client.force_login(actors[role])
        return client

    return login


def test_a_translator_stores_no_script_link(login, fixture_data):
    ours = fixture_data.ours
    url = reverse("wagtail_localize:edit_override", args=[ours.translation.pk, ours.overridable_segment.pk])
    client = login("translator")
    for value in ("javascript:alert(9)", "JAVASCRIPT:alert(9)"):
        assert client.put(url, f"value={value}", "application/x-www-form-urlencoded").status_code == 400
    assert not SegmentOverride.objects.exists()


def test_a_foreign_segment_answers_as_a_missing_one(login, fixture_data):
    ours, client = fixture_data.ours, login("translator")
    for value in ("javascript:alert(9)", "5", "https://example.org/"):
        answers = {
            client.put(
                reverse("wagtail_localize:edit_override", args=[ours.translation.pk, key]),
                f"value={value}",
                "application/x-www-form-urlencoded",
            ).status_code
            for key in (fixture_data.theirs.overridable_segment.pk, 10**6)
        }
        assert answers == {404}


@pytest.mark.parametrize(("role", "status"), [("translator", 403), ("publisher", 302)])
@pytest.mark.parametrize("name", ["stop_translation", "convert_to_alias"])
def test_only_a_publisher_stops_a_translation_or_makes_an_alias(login, fixture_data, role, status, name):
    key = fixture_data.ours.translation.pk if name == "stop_translation" else fixture_data.ours.target.pk
    response = login(role).post(reverse(f"wagtail_localize:{name}", args=[key]))
    assert response.status_code == status
    assert (Translation.objects.filter(pk=fixture_data.ours.translation.pk, enabled=True).exists()) is (
        role == "translator"
    )


def test_strings_of_a_locked_page_are_not_changed(login, fixture_data):
    ours = fixture_data.ours
    Page.objects.filter(pk=ours.target.pk).update(locked=True, locked_by=make_user("admin", is_superuser=True))
    assert errors_of(type_translation(login("translator"), ours.translation, ours.string_segment, "Other"))
    assert not StringTranslation.objects.exists()


@pytest.mark.parametrize("person", ["translator", "superuser"])
def test_the_editor_of_texts_of_wagtail_localize_is_closed(client, fixture_data, person):
    ours = fixture_data.ours
    client.force_login(make_user("admin", is_superuser=True) if person == "superuser" else make_actor(person))
    url = reverse("wagtail_localize:edit_string_translation", args=[ours.translation.pk, ours.string_segment.pk])
    assert client.put(url, "value=Other", FORM).status_code in (403, 404)
    assert not StringTranslation.objects.exists()


def test_pages_are_submitted_only_for_the_departments_languages(login, fixture_data):
    client = login("editor")
    italian, finnish = Locale.objects.get(language_code="it"), Locale.objects.create(language_code="fi")
    url = reverse("wagtail_localize:submit_page_translation", args=[fixture_data.ours.page.pk])
    assert client.post(url, {"locales": [finnish.pk]}).status_code == 404
    assert client.post(url, {"locales": [italian.pk]}).status_code == 302
    made = Page.objects.get(translation_key=fixture_data.ours.page.translation_key, locale=italian)
    assert not made.live
    container = reverse("wagtail_localize:submit_page_translation", args=[fixture_data.ours.department.container_id])
    assert client.post(container, {"locales": [italian.pk]}).status_code == 404


@pytest.mark.parametrize(("role", "status"), [("editor", 403), ("publisher", 302)])
def test_synchronising_publishes_only_with_permission(login, fixture_data, role, status):
    client = login(role)
    url = reverse("wagtail_localize:update_translations", args=[fixture_data.ours.source.pk])
    response = client.post(url, {"publish_translations": "on"})
    assert response.status_code == status
    if role == "editor":
        assert client.post(url).status_code == 302
        assert not Page.objects.get(pk=fixture_data.ours.target.pk).live


# --- Roles --------------------------------------------------------------------------------------------------


def submit(page):
    return reverse("wagtail_localize:submit_page_translation", args=[page.pk])


@pytest.mark.parametrize("role", ["editor", "publisher", "administrator"])
def test_translation_capability_replaces_the_global_permission(login, fixture_data, role):
    client, page = login(role), fixture_data.ours.page
    italian = Locale.objects.get(language_code="it")
    listed = client.get(reverse("wagtailadmin_explore", args=[page.get_parent().pk])).content.decode()
    assert submit(page) in listed
    assert client.post(submit(page), {"locales": [italian.pk]}).status_code == 302
    assert not Page.objects.get(translation_key=page.translation_key, locale=italian).live


@pytest.mark.parametrize("role", ["translator", "reviewer", "reader", "media_manager"])
def test_other_roles_do_not_send_pages_to_translation(login, fixture_data, role):
    client, page = login(role), fixture_data.ours.page
    italian = Locale.objects.get(language_code="it")
    assert client.post(submit(page), {"locales": [italian.pk]}).status_code in (302, 403, 404)
    update = reverse("wagtail_localize:update_translations", args=[fixture_data.ours.source.pk])
    assert client.post(update).status_code in (302, 403, 404)
    assert not Page.objects.filter(translation_key=page.translation_key, locale=italian).exists()


def test_the_form_offers_the_departments_languages_even_to_a_superuser(client, fixture_data):
    Locale.objects.create(language_code="fi")
    client.force_login(make_user("admin", is_superuser=True))
    form = client.get(submit(fixture_data.ours.page)).context["form"]
    assert [locale.language_code for locale in form.fields["locales"].queryset] == ["it"]


def test_a_page_is_sent_from_the_language_that_the_department_writes_in(login, fixture_data):
    italian = Locale.objects.get(language_code="it")
    assert login("publisher").post(submit(fixture_data.ours.target), {"locales": [italian.pk]}).status_code == 404


def test_a_translator_of_one_language_changes_no_other(client, fixture_data, commits):
    ours = fixture_data.ours
    italian = Locale.objects.get(language_code="it")
    with commits():
        other = Translation.objects.create(source=ours.source, target_locale=italian)
        other.save_target(publish=False)
    client.force_login(make_user("it", groups=["allier:translator:it", "creuse:editor"]))
    for translation, status in ((other, 200), (ours.translation, 403)):
        assert type_translation(client, translation, ours.string_segment, "Altro").status_code == status
    assert StringTranslation.objects.get().locale == italian


# --- Publishing ---------------------------------------------------------------------------------------------


@pytest.fixture
def partial_pages_allowed(fixture_data):
    """Let the department publish pages with texts in the source language, which these tests leave."""
    type(fixture_data.ours.department).objects.update(publishes_partial_translations=True)


@pytest.mark.usefixtures("partial_pages_allowed")
@pytest.mark.parametrize(("role", "is_published"), [("translator", False), ("reviewer", True), ("editor", False)])
@pytest.mark.parametrize("form", [{"action": "publish"}, {"action-publish": "x"}])
def test_translation_is_published_only_with_permission(login, fixture_data, commits, role, is_published, form):
    edit = reverse("wagtailadmin_pages:edit", args=[fixture_data.ours.target.pk])
    with commits():
        login(role).post(edit, form)
    fixture_data.ours.target.refresh_from_db()
    assert fixture_data.ours.target.live is (is_published and "action" in form)


def lock(page):
    Page.objects.filter(pk=page.pk).update(locked=True, locked_by=make_user("locker", is_superuser=True))


def test_a_locked_page_is_not_published_through_its_translation(login, fixture_data, commits):
    edit = reverse("wagtailadmin_pages:edit", args=[fixture_data.ours.target.pk])
    lock(fixture_data.ours.target)
    with commits():
        login("publisher").post(edit, {"action": "publish"})
    fixture_data.ours.target.refresh_from_db()
    assert not fixture_data.ours.target.live


@pytest.mark.parametrize("name", ["upload_pofile", "stop_translation"])
def test_a_locked_page_stays_as_it_is(login, fixture_data, name):
    lock(fixture_data.ours.target)
    url = reverse(f"wagtail_localize:{name}", args=[fixture_data.ours.translation.pk])
    assert login("publisher").post(url).status_code == 403


def test_a_stopped_translation_is_taken_up_again_by_a_publisher(login, fixture_data):
    translation = fixture_data.ours.translation
    Translation.objects.filter(pk=translation.pk).update(enabled=False)
    edit = reverse("wagtailadmin_pages:edit", args=[fixture_data.ours.target.pk])
    login("translator").post(edit, {"localize-restart-translation": "x"})
    assert not Translation.objects.get(pk=translation.pk).enabled
    login("publisher").post(edit, {"localize-restart-translation": "x"})
    assert Translation.objects.get(pk=translation.pk).enabled


# --- Requests of the editor ---------------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["translator", "superuser"])
@pytest.mark.parametrize("body", ["", "other=x"])
def test_missing_value_is_refused(client, fixture_data, person, body):
    ours = fixture_data.ours
    client.force_login(make_user("admin", is_superuser=True) if person == "superuser" else make_actor(person))
    url = reverse("wagtail_localize:edit_override", args=[ours.translation.pk, ours.overridable_segment.pk])
    assert client.put(url, body, FORM).status_code == 400
    assert client.put(url, '{"value": "x"}', "application/json").status_code == 400


def test_a_superuser_stores_no_script_link_either(client, fixture_data):
    ours = fixture_data.ours
    client.force_login(make_user("admin", is_superuser=True))
    url = reverse("wagtail_localize:edit_override", args=[ours.translation.pk, ours.overridable_segment.pk])
    assert client.put(url, "value=javascript:alert(9)", FORM).status_code == 400
    assert client.put(url, "value=https://example.org/", FORM).status_code == 201


def test_override_cannot_refer_to_another_department(login, fixture_data, commits):
    ours = fixture_data.ours
    with commits():
        ours.page.body = [("image", {"image": ours.image, "alt": "", "caption": ""})]
        ours.page.save_revision().publish()
        ours.source.update_from_db()
    segment = OverridableSegment.objects.get(source=ours.source, data_json=str(ours.image.pk))
    url = reverse("wagtail_localize:edit_override", args=[ours.translation.pk, segment.pk])
    client = login("translator")
    assert client.put(url, f"value={fixture_data.theirs.image.pk}", FORM).status_code == 400
    assert client.put(url, f"value={ours.image.pk}", FORM).status_code == 201
    # Stored without access control, the value is refused by the page's own validation.
    SegmentOverride.objects.update(data_json=str(fixture_data.theirs.image.pk))
    with commits():
        login("publisher").post(reverse("wagtailadmin_pages:edit", args=[ours.target.pk]), {"action": "publish"})
    ours.target.refresh_from_db()
    assert not ours.target.live


def po_of(translation, **strings):
    po = translation.export_po()
    for entry in po:
        entry.msgstr = strings.get(entry.msgctxt, "")
    return str(po)


def bad_files(translation):
    po = po_of(translation, title="Our page")
    yield "missing", None
    yield "empty", b""
    yield "no header", po.replace(HEADER, "X-Other").encode()
    yield "of another", po.replace(str(translation.uuid), "0" * 36).encode()
    yield "latin-1", (po + 'msgid "a"\nmsgstr "é"\n').encode("latin-1")
    yield "declared latin-1", po.replace("utf-8", "latin-1").encode() + b'msgid "a"\nmsgstr "\xe9"\n'
    yield "no PO file", b"\x00\x01 nothing"
    yield "a path", b"/etc/passwd"
    yield "large", b"#" * (settings.TRANSLATION_UPLOAD_MAX_BYTES + 1)


def test_a_bad_po_file_is_refused_with_a_message(login, fixture_data):
    translation = fixture_data.ours.translation
    url = reverse("wagtail_localize:upload_pofile", args=[translation.pk])
    for role in ("translator", "superuser"):
        client = login(role)
        for kind, content in bad_files(translation):
            files = {} if content is None else {"file": SimpleUploadedFile("a.po", content)}
            response = client.post(url, files, follow=True)
            assert response.status_code == 200, kind
            assert response.context["error"], kind
    assert not StringTranslation.objects.exists()


@pytest.mark.usefixtures("partial_pages_allowed")
def test_po_file_imports_strings_but_no_links_images_or_pages(login, fixture_data, commits):
    ours, theirs = fixture_data.ours, fixture_data.theirs
    client = login("reviewer")
    url = reverse("wagtail_localize:upload_pofile", args=[ours.translation.pk])
    edit = reverse("wagtailadmin_pages:edit", args=[ours.target.pk])
    context = next(entry.msgctxt for entry in ours.translation.export_po() if entry.msgctxt.startswith("body"))
    harmful = (
        f'<a linktype="page" id="{theirs.page.pk}">x</a>',
        f'<embed embedtype="image" id="{theirs.image.pk}" format="fullwidth" alt="x"/>',
        '<a href="javascript:alert(9)">x</a>',
    )
    for string in harmful:
        file = SimpleUploadedFile("a.po", po_of(ours.translation, title="Our page", **{context: string}).encode())
        client.post(url, {"file": file})
        assert not StringTranslation.objects.filter(data=string).exists()
        with commits():
            client.post(edit, {"action": "publish"})
        ours.target.refresh_from_db()
        assert ours.target.title == "Our page"
        body = str(ours.target.specific.body)
        assert "javascript" not in body
        assert "embed" not in body
        assert "linktype" not in body


# --- Shared snippets ----------------------------------------------------------------------------------------


def test_a_shared_snippet_is_translated_by_its_owner_only(login, fixture_data, commits):
    with commits():
        own = OrganisationFactory(name="Ours", description="Texte", owner=fixture_data.ours.department)
        other = OrganisationFactory(name="Theirs", description="Texte", owner=fixture_data.theirs.department)
    english = Locale.objects.get(language_code="en")

    def url_of(organisation):
        return reverse("wagtail_localize:submit_snippet_translation", args=["pages", "organisation", organisation.pk])

    client = login("editor")
    for organisation in (other, fixture_data.organisation):
        assert client.get(url_of(organisation)).status_code == 404
        assert client.post(url_of(organisation), {"locales": [english.pk]}).status_code == 404
    assert login("translator").post(url_of(own), {"locales": [english.pk]}).status_code == 404
    with commits():
        assert login("editor").post(url_of(own), {"locales": [english.pk]}).status_code == 302
    translated = Organisation.objects.get(translation_key=own.translation_key, locale=english)
    assert translated.owner == fixture_data.ours.department
    translation = Translation.objects.get(source__object_id=own.translation_key)
    segment = translation.source.stringsegment_set.first()
    assert errors_of(type_translation(client, translation, segment, "Ours in English")) == []
    assert client.get(reverse("wagtailsnippets_pages_organisation:edit", args=[translated.pk])).status_code == 200
    client.force_login(fixture_data.theirs.user)
    assert type_translation(client, translation, segment, "Stolen").status_code == 404
