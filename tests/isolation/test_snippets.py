"""Tests that all departments use shared snippets, only owners change them, and videos and consents stay private."""

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from wagtail.models import ReferenceIndex
from wagtail.permissions import policy_registry
from wagtail.test.utils.form_data import nested_form_data

from cms.media.models import Consent, CustomImage, Video
from cms.pages.models import Organisation, Person, StandardPage
from sites.access.ownership import departments_owning
from tests.factories.files import pdf
from tests.factories.media import ImageFactory
from tests.factories.pages import OrganisationFactory, PersonFactory, make_page
from tests.factories.users import make_user

from .fixture_data import MARK

pytestmark = pytest.mark.embedded

WRITERS = ("editor", "publisher", "media_manager", "administrator")
READERS = ("translator:en", "reviewer:en", "reader")
SHARED = "wagtailsnippets_pages_organisation"
CHOOSER = "wagtailsnippetchoosers_pages_organisation"
MODELS = {
    Organisation: "wagtailsnippets_pages_organisation",
    Person: "wagtailsnippets_pages_person",
    Video: "wagtailsnippets_cms_media_video",
    Consent: "wagtailsnippets_cms_media_consent",
}
ORGANISATION = {"name": "Neuve", "short_name": "", "kind": "association", "country": "FR", "website": ""}


@pytest.fixture
def fixture_data(fixture_data, commits):
    with commits():
        ours, theirs = fixture_data.ours, fixture_data.theirs
        ours.organisation = OrganisationFactory(name="Ours organisation", owner=ours.department)
        theirs.organisation = OrganisationFactory(name="Their organisation", owner=theirs.department)
        ours.person = PersonFactory(name="Ours person", owner=ours.department)
        theirs.person = PersonFactory(name="Their person", owner=theirs.department)
    return fixture_data


@pytest.fixture
def login(client):
    def login(*roles, department="allier"):
        client.force_login(make_user("someone", groups=[f"{department}:{role}" for role in roles]))
        return client

    return login


def kind_of(model):
    return {Organisation: "organisation", Person: "person", Video: "video", Consent: "consent"}[model]


def organisation_form(**fields):
    return ORGANISATION | {"description": "", "department": "", "logo": ""} | fields


def test_owner_of_a_shared_snippet(fixture_data):
    assert list(departments_owning(fixture_data.ours.organisation)) == [fixture_data.ours.department]
    assert not departments_owning(fixture_data.organisation)


# --- Screens ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", WRITERS)
def test_writers_open_the_screens_of_their_departments_snippets_only(login, fixture_data, role):
    client = login(role)
    for model, namespace in MODELS.items():
        own, other = (getattr(side, kind_of(model)) for side in (fixture_data.ours, fixture_data.theirs))
        listed = client.get(reverse(f"{namespace}:list")).content.decode()
        assert reverse(f"{namespace}:edit", args=[own.pk]) in listed
        assert reverse(f"{namespace}:edit", args=[other.pk]) not in listed
        assert f"/{model._meta.model_name}/{other.pk}/" not in listed
        assert client.get(reverse(f"{namespace}:add")).status_code == 200
        for name in ("edit", "usage", "history", "history_results", "delete"):
            assert client.get(reverse(f"{namespace}:{name}", args=[own.pk])).status_code == 200, name
            assert client.get(reverse(f"{namespace}:{name}", args=[other.pk])).status_code == 404, name
        bulk = reverse("wagtail_bulk_action", args=[model._meta.app_label, model._meta.model_name, "delete"])
        assert client.get(f"{bulk}?id={own.pk}").status_code == 200
        assert client.get(f"{bulk}?id={own.pk}&id={other.pk}").status_code == 404
        assert client.get(f"{bulk}?id=all").status_code == 404


@pytest.mark.parametrize("role", READERS)
def test_readers_and_translators_change_no_snippet(login, fixture_data, role):
    client = login(role)
    for model, namespace in MODELS.items():
        own = getattr(fixture_data.ours, kind_of(model))
        is_listed = client.get(reverse(f"{namespace}:list")).status_code == 200
        assert is_listed is (model in (Organisation, Person))
        assert client.get(reverse(f"{namespace}:add")).status_code == 302
        for name in ("edit", "usage", "history", "delete"):
            assert client.get(reverse(f"{namespace}:{name}", args=[own.pk])).status_code == 404, name
        assert client.post(reverse(f"{namespace}:delete", args=[own.pk])).status_code == 404
        assert model.objects.filter(pk=own.pk).exists()


def test_the_list_shows_all_shared_rows_with_their_owner_and_the_own_media_only(login, fixture_data):
    client = login("editor")
    listed = client.get(reverse(f"{SHARED}:list")).content.decode()
    for text in (
        "Ours organisation",
        "Their organisation",
        fixture_data.organisation.name,
        str(fixture_data.theirs.department),
    ):
        assert text in listed
    assert MARK not in client.get(reverse(f"{MODELS[Video]}:list")).content.decode().lower()


def test_menu_offers_snippets_to_permitted_roles(client, login, fixture_data):
    home = reverse("wagtailadmin_home")
    page = login("media_manager").get(home).content.decode()
    assert all(reverse(f"{namespace}:list") in page for namespace in MODELS.values())
    client.force_login(make_user("translator", groups=["allier:translator:en"]))
    page = client.get(home).content.decode()
    assert reverse(f"{SHARED}:list") in page
    assert reverse(f"{MODELS[Consent]}:list") not in page


def test_query_count_of_the_snippet_list_does_not_grow_with_rows(login, fixture_data):
    client = login("editor")
    url = reverse(f"{SHARED}:list")
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for number in range(15):
        OrganisationFactory(owner=fixture_data.ours.department if number % 2 else fixture_data.theirs.department)
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) == len(few)


# --- Owners -------------------------------------------------------------------------------------------------


def test_new_snippet_belongs_to_the_department_of_its_creator(login, fixture_data):
    client = login("editor")
    for owner in ("", fixture_data.theirs.department.pk):
        client.post(reverse(f"{SHARED}:add"), organisation_form(owner=owner))
        organisation = Organisation.objects.get(name="Neuve")
        assert organisation.owner == fixture_data.ours.department
        organisation.delete()


def test_owner_of_a_snippet_cannot_be_set_to_another_department(login, fixture_data):
    client = login("editor")
    own = fixture_data.ours.organisation
    client.post(reverse(f"{SHARED}:edit", args=[own.pk]), organisation_form(owner=fixture_data.theirs.department.pk))
    own.refresh_from_db()
    assert (own.name, own.owner) == ("Neuve", fixture_data.ours.department)


def test_member_of_two_departments_chooses_the_owner(client, fixture_data):
    client.force_login(make_user("both", groups=["allier:editor", f"{MARK}:editor"]))
    response = client.post(reverse(f"{SHARED}:add"), organisation_form(owner=""))
    assert "owner" in response.context["form"].errors
    client.post(reverse(f"{SHARED}:add"), organisation_form(owner=fixture_data.theirs.department.pk))
    assert Organisation.objects.get(name="Neuve").owner == fixture_data.theirs.department


def test_capability_in_one_department_does_not_apply_in_another(client, fixture_data):
    client.force_login(make_user("both", groups=["allier:editor", f"{MARK}:translator:en"]))
    for model, namespace in MODELS.items():
        other = getattr(fixture_data.theirs, kind_of(model))
        assert client.get(reverse(f"{namespace}:edit", args=[other.pk])).status_code == 404
    form = client.get(reverse(f"{MODELS[Video]}:add")).context["form"]
    offered = set(form.fields["collection"].queryset)
    assert offered == set(fixture_data.ours.department.collection.get_descendants(inclusive=True))


def test_superuser_creates_snippets_owned_by_the_instance(client, fixture_data):
    client.force_login(make_user("admin", is_superuser=True))
    client.post(reverse(f"{SHARED}:add"), organisation_form(owner=""))
    assert Organisation.objects.get(name="Neuve").owner is None
    response = client.get(reverse(f"{SHARED}:edit", args=[fixture_data.theirs.organisation.pk]))
    assert response.status_code == 200


def test_organisation_represents_its_own_department_only(login, fixture_data):
    client = login("editor")
    response = client.post(reverse(f"{SHARED}:add"), organisation_form(department=fixture_data.theirs.department.pk))
    assert "department" in response.context["form"].errors
    client.post(reverse(f"{SHARED}:add"), organisation_form(department=fixture_data.ours.department.pk))
    assert Organisation.objects.get(name="Neuve").department == fixture_data.ours.department


# --- References ---------------------------------------------------------------------------------------------


def test_logo_of_another_department_is_refused_in_form_and_model(login, fixture_data):
    client = login("editor")
    response = client.post(reverse(f"{SHARED}:add"), organisation_form(logo=fixture_data.theirs.image.pk))
    assert response.status_code == 404
    client.force_login(make_user("both", groups=["allier:editor", f"{MARK}:editor"]))
    data = organisation_form(logo=fixture_data.theirs.image.pk, owner=fixture_data.ours.department.pk)
    response = client.post(reverse(f"{SHARED}:add"), data)
    assert "logo" in response.context["form"].errors
    client.post(reverse(f"{SHARED}:add"), data | {"logo": fixture_data.ours.image.pk})
    assert Organisation.objects.get(name="Neuve").logo == fixture_data.ours.image


def test_the_instances_snippets_show_no_departments_image(client, fixture_data):
    client.force_login(make_user("admin", is_superuser=True))
    response = client.post(reverse(f"{SHARED}:add"), organisation_form(owner="", logo=fixture_data.ours.image.pk))
    assert "logo" in response.context["form"].errors
    response = client.post(reverse(f"{SHARED}:add"), organisation_form(owner="", logo=ImageFactory().pk))
    assert response.status_code == 302


def video_form(side, **fields):
    return nested_form_data(
        {
            "title": "Neuve", "page_url": "https://peertube.example.org/w/4ZqdGDrvTqHbXWzBbGuFRy", "language": "fr",
            "duration": 5, "poster": side.image.pk, "credit": "", "consent": side.consent.pk,
            "collection": side.department.collection_id, "captions-TOTAL_FORMS": 0, "captions-INITIAL_FORMS": 0,
            **fields,
        }
    )  # fmt: skip


@pytest.mark.parametrize("role", WRITERS)
def test_a_video_and_its_consent_are_written_by_a_department(login, fixture_data, role):
    client = login(role)
    proof = SimpleUploadedFile("a.pdf", pdf("Bonjour"), "application/pdf")
    today = timezone.localdate().isoformat()
    consent = {
        "person_name": "Camille", "scope": "image", "scope_note": "", "starts_on": today, "expires_on": today,
        "withdrawn_on": "", "proof": proof, "collection": fixture_data.ours.department.collection_id,
    }  # fmt: skip
    assert client.post(reverse(f"{MODELS[Consent]}:add"), consent).status_code == 302
    made = Consent.objects.get(person_name="Camille")
    proof = client.get(reverse("consent_proof", args=[made.pk]))
    assert b"".join(proof.streaming_content).startswith(b"%PDF")
    assert client.get(reverse("consent_proof", args=[fixture_data.theirs.consent.pk])).status_code == 404
    assert client.post(reverse(f"{MODELS[Video]}:add"), video_form(fixture_data.ours)).status_code == 302
    video = Video.objects.get(title="Neuve")
    assert client.post(reverse(f"{MODELS[Video]}:delete", args=[video.pk])).status_code == 302
    assert not Video.objects.filter(pk=video.pk).exists()


@pytest.mark.parametrize("field", ["poster", "consent"])
def test_a_video_refers_to_its_own_department(client, fixture_data, field):
    client.force_login(make_user("both", groups=["allier:editor", f"{MARK}:editor"]))
    other = {"poster": fixture_data.theirs.image, "consent": fixture_data.theirs.consent}[field]
    response = client.post(reverse(f"{MODELS[Video]}:add"), video_form(fixture_data.ours, **{field: other.pk}))
    assert field in response.context["form"].errors
    assert client.post(reverse(f"{MODELS[Video]}:add"), video_form(fixture_data.theirs)).status_code == 302


def test_image_accepts_only_a_consent_of_its_department(client, fixture_data):
    client.force_login(make_user("both", groups=["allier:editor", f"{MARK}:editor"]))
    image = fixture_data.ours.image
    data = {
        "title": "Neuve", "description": "x", "credit": "", "tags": "", "collection": image.collection_id,
        "focal_point_x": "", "focal_point_y": "", "focal_point_width": "", "focal_point_height": "",
    }  # fmt: skip
    url = reverse("wagtailimages:edit", args=[image.pk])
    response = client.post(url, data | {"consent": fixture_data.theirs.consent.pk})
    assert "consent" in response.context["form"].errors
    assert client.post(url, data | {"consent": fixture_data.ours.consent.pk}).status_code == 302
    assert CustomImage.objects.get(pk=image.pk).consent == fixture_data.ours.consent


# --- Usage, deletion ----------------------------------------------------------------------------------------


def use(organisation, department, title, commits):
    with commits():
        page = make_page(StandardPage, department, title=title, slug="usage", body=[("organisation", organisation)])
        ReferenceIndex.create_or_update_for_object(page)
    return page


def test_usage_lists_own_pages_and_counts_foreign_pages(login, fixture_data, commits):
    own = fixture_data.ours.organisation
    use(own, fixture_data.ours.department, "Ours usage", commits)
    use(own, fixture_data.theirs.department, f"{MARK} usage", commits)
    page = login("editor").get(reverse(f"{SHARED}:usage", args=[own.pk]))
    assert page.context["used_elsewhere"] == 1
    assert "Ours usage" in page.content.decode()
    assert MARK not in page.content.decode().lower()


def test_snippet_in_use_elsewhere_is_not_deleted_and_a_message_says_so(login, fixture_data, commits):
    own = fixture_data.ours.organisation
    used = use(own, fixture_data.theirs.department, f"{MARK} usage", commits)
    client = login("publisher")
    urls = (
        reverse(f"{SHARED}:delete", args=[own.pk]),
        reverse("wagtail_bulk_action", args=["pages", "organisation", "delete"]) + f"?id={own.pk}",
    )
    for url in urls:
        response = client.post(url, follow=True)
        assert Organisation.objects.filter(pk=own.pk).exists()
        texts = [str(message) for message in response.context["messages"]]
        assert [own.name in each and "(1)" in each for each in texts] == [True]
        assert used.title not in response.content.decode()
    with commits():
        used.delete()
    assert client.post(urls[0]).status_code == 302
    assert not Organisation.objects.filter(pk=own.pk).exists()


# --- Choosers -----------------------------------------------------------------------------------------------


def test_all_choose_what_is_shared_and_writers_make_new_ones_there(login, fixture_data):
    client = login("editor")
    chosen = client.get(reverse(f"{CHOOSER}:chosen", args=[fixture_data.theirs.organisation.pk]))
    assert chosen.status_code == 200
    assert reverse(f"{SHARED}:edit", args=[fixture_data.theirs.organisation.pk]) not in chosen.content.decode()
    assert "Their organisation" in client.get(reverse(f"{CHOOSER}:choose")).content.decode()
    url = reverse(f"{CHOOSER}:create")
    made = client.post(url, ORGANISATION | {"owner": fixture_data.theirs.department.pk})
    assert made.json()["step"] == "chosen"
    organisation = Organisation.objects.get(name="Neuve")
    assert organisation.owner == fixture_data.ours.department
    assert organisation.locale == fixture_data.ours.department.source_locale


@pytest.mark.parametrize("role", READERS)
def test_roles_without_the_snippets_capability_create_none_in_a_chooser(login, fixture_data, role):
    client = login(role)
    assert "Their organisation" in client.get(reverse(f"{CHOOSER}:choose")).content.decode()
    client.post(reverse(f"{CHOOSER}:create"), ORGANISATION)
    assert not Organisation.objects.filter(name="Neuve").exists()


# --- Stock Wagtail ------------------------------------------------------------------------------------------


def test_no_copy_view_overwrites_a_snippet():
    for namespace in MODELS.values():
        with pytest.raises(NoReverseMatch):
            reverse(f"{namespace}:copy", args=[1])


def test_screens_are_isolated_even_without_the_access_middleware(client, fixture_data, settings):
    """With every Wagtail permission and without access control, our views still limit rows; Wagtail's would not."""
    user = make_user("overgranted", groups=["allier:editor"])
    user.user_permissions.set(Permission.objects.all())
    client.force_login(user)
    guard = "sites.middleware.DepartmentAccessMiddleware"
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if each != guard]
    for model, namespace in MODELS.items():
        other = getattr(fixture_data.theirs, kind_of(model))
        for name in ("edit", "delete", "usage", "history"):
            assert client.get(reverse(f"{namespace}:{name}", args=[other.pk])).status_code == 404, name
        stock = policy_registry.get_by_type(model)
        assert stock.user_has_permission(user, "change")
        assert not stock.user_has_permission_for_instance(user, "change", other)
