"""Copies of offered content: no reference to rows of the origin's department; changes are merged by field."""

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from wagtail.models import CollectionViewRestriction, PageViewRestriction

from cms.copies.copying import latest_copy_revision, merge, origin_changes, published_origin, state_token, take_copy
from cms.copies.media_copies import get_or_create_copy
from cms.delivery.models import PublishedDocument
from cms.media.models import CustomDocument, CustomImage
from cms.pages.models import CopyOrigin, EventPage, ProfessionPage, StandardPage, TestimonialPage
from sites.access.foreign_references import foreign_fields
from sites.models import Sharing
from sites.sharing.transitions import accept, give_up, withdraw
from tests.factories.departments import make_department
from tests.factories.media import ConsentFactory, DocumentFactory, ImageFactory, VideoFactory
from tests.factories.pages import OrganisationFactory, make_page, make_section
from tests.factories.sharing import copy, mirror, offer
from tests.factories.users import make_user


@pytest.fixture
def allier(db):
    return make_department("allier")


@pytest.fixture
def isere(allier):
    department = make_department("isere")
    for lists in ("profession", "event"):
        make_section(department, lists)
    return department


@pytest.fixture
def image(allier):
    return ImageFactory(title="Atelier", credit="Studio Exemple", collection=allier.collection)


@pytest.fixture
def profession(allier, image, commits):
    with commits():
        return make_page(
            ProfessionPage,
            allier,
            title="Éducatrice",
            slug="educatrice",
            summary="Un métier.",
            image=image,
            rome_code="K1207",
            know_how=[("item", "Écouter"), ("item", "Animer")],
        )


@pytest.fixture
def act(client):
    def act(group):
        client.force_login(make_user(group.replace(":", "-"), groups=[group]))
        return client

    return act


def publish(page, commits, **fields):
    with commits():
        for name, value in fields.items():
            setattr(page, name, value)
        page.save_revision().publish()
    return page


def origin_row(page):
    return CopyOrigin.objects.select_related("sharing__department").get(content_key=page.translation_key)


def changed(page):
    row = origin_row(page)
    mine = latest_copy_revision(row, row.sharing.department)
    return {
        each.field.name: each.is_changed_in_copy for each in origin_changes(row, published_origin(row.sharing), mine)
    }


def merged(page, taken):
    row = origin_row(page)
    department = row.sharing.department
    state = state_token(published_origin(row.sharing), latest_copy_revision(row, department))
    return merge(row, department, taken, state)


class TestTaking:
    def test_a_copy_is_a_draft_with_the_values_of_its_origin(self, profession, isere, image):
        page = copy(profession, isere)
        assert page.path.startswith(isere.container.path)
        assert not page.live
        assert page.translation_key != profession.translation_key
        assert (page.title, page.rome_code, [item.value for item in page.know_how]) == (
            "Éducatrice",
            "K1207",
            ["Écouter", "Animer"],
        )
        assert page.image.collection == isere.collection
        assert (page.image.credit, page.image.pk == image.pk) == ("Studio Exemple", False)
        assert page.image.file.name != image.file.name
        assert foreign_fields(page, isere) == []

    def test_a_file_is_copied_once(self, allier, isere, profession, image):
        other = make_page(StandardPage, allier, slug="autre", image=image)
        assert copy(profession, isere).image == take_copy(offer(other, isere)).image
        assert CustomImage.objects.filter(collection=isere.collection).count() == 1

    def test_every_kind_of_reference_is_adapted_or_omitted(self, allier, isere, image, commits):
        with commits():
            public = make_page(StandardPage, allier, title="Publique", slug="publique")
            draft = make_page(StandardPage, allier, title="Brouillon", slug="brouillon", publish=False)
            held = make_page(StandardPage, allier, title="Tenue", slug="tenue")
            mirror(held, isere)
        document = DocumentFactory(title="Programme", collection=allier.collection)
        portrait = ImageFactory(
            collection=allier.collection, consent=ConsentFactory(collection=allier.collection), title="Camille"
        )
        organisation = OrganisationFactory()
        links = (
            f'<p><a linktype="page" id="{public.pk}">publique</a> <a linktype="page" id="{draft.pk}">cachée</a> '
            f'<a linktype="page" id="{held.pk}">tenue</a> <a linktype="document" id="{document.pk}">fichier</a></p>'
        )
        with commits():
            page = make_page(
                StandardPage,
                allier,
                slug="tout",
                body=[
                    ("text", links),
                    ("image", {"image": image, "alt": "", "caption": "Atelier"}),
                    ("image", {"image": portrait, "alt": "", "caption": "Portrait"}),
                    ("document", document),
                    ("organisation", organisation),
                    ("related", [public, held]),
                ],
            )
        taken = take_copy(offer(page, isere))

        assert foreign_fields(taken, isere) == []
        by_type = {child.block_type: child.value for child in taken.body}
        assert [child.block_type for child in taken.body] == ["text", "image", "document", "organisation", "related"]
        assert by_type["image"]["caption"] == "Atelier"
        assert by_type["organisation"] == organisation
        assert by_type["document"].collection == isere.collection
        assert [each.pk for each in by_type["related"]] == [held.pk]
        text = BeautifulSoup(by_type["text"].source, "html.parser")
        assert [link.attrs for link in text.find_all("a")] == [
            {"href": "http://allier.example.test/fr/publique/"},
            {"linktype": "page", "id": str(held.pk)},
            {"linktype": "document", "id": str(by_type["document"].pk)},
        ]
        assert "cachée" in text.get_text()

    def test_private_files_and_files_with_a_consent_are_not_copied(self, allier, isere, profession, commits):
        consent = ConsentFactory(collection=allier.collection)
        video = VideoFactory(collection=allier.collection)
        with commits():
            testimonial = make_page(TestimonialPage, allier, title="Camille", consent=consent, video=video)
        page = copy(testimonial, isere)
        assert page.consent is None
        assert page.video.collection == isere.collection
        assert page.video.captions.count() == 1

        private = allier.collection.add_child(name="Privé")
        CollectionViewRestriction.objects.create(collection=private, restriction_type="login")
        publish(profession, commits, image=ImageFactory(collection=private))
        assert copy(profession, isere).image is None

    def test_a_draft_of_the_origin_is_not_copied(self, profession, isere):
        profession.title = "Titre secret"
        profession.save_revision()
        assert copy(profession, isere).title == "Éducatrice"

    @pytest.mark.parametrize("obstacle", ["unpublished", "private", "language", "section"])
    def test_a_copy_needs_an_origin_in_the_source_language_and_a_parent(self, profession, allier, obstacle, commits):
        isere = make_department("isere", locales=("en", "fr"), source="en" if obstacle == "language" else "fr")
        if obstacle != "section":
            make_section(isere, "profession", "en" if obstacle == "language" else "fr")
        sharing = offer(profession, isere)
        if obstacle == "unpublished":
            profession.unpublish()
        elif obstacle == "private":
            PageViewRestriction.objects.create(page=profession, restriction_type=PageViewRestriction.LOGIN)
        with pytest.raises(ValidationError):
            take_copy(sharing)
        sharing.refresh_from_db()
        assert sharing.state == "proposed"

    def test_a_copy_that_is_taken_again_is_the_same_page(self, profession, isere):
        page = copy(profession, isere)
        sharing = give_up(origin_row(page).sharing)
        assert take_copy(sharing).pk == page.pk


class TestDocuments:
    def test_credit_and_canonical_link_name_the_origin(self, profession, isere, commits, client):
        with commits():
            page = copy(profession, isere)
            page.save_revision().publish()
        data = PublishedDocument.objects.get(page_id=page.pk).data
        origin = "http://allier.example.test/fr/profession/educatrice/"
        assert data["origin"] == {"department": "allier", "name": "Allier", "title": "Éducatrice", "url": origin}
        html = client.get(data["path"], headers={"host": "isere.example.test"}).content.decode()
        soup = BeautifulSoup(html, "html.parser")
        assert soup.find("link", rel="canonical")["href"] == origin
        assert soup.select_one(".colophon").find("a", string="Éducatrice")["href"] == origin

    def test_the_credit_follows_the_title_and_publication_of_the_origin(self, profession, isere, commits):
        with commits():
            page = copy(profession, isere)
            page.save_revision().publish()
        publish(profession, commits, title="Éducateur")
        document = PublishedDocument.objects.get(page_id=page.pk)
        assert document.data["origin"]["title"] == "Éducateur"
        with commits():
            profession.unpublish()
        document.refresh_from_db()
        assert document.data["origin"] == {"department": "allier", "name": "Allier", "title": "", "url": ""}

    @pytest.mark.parametrize("end", ["withdraw", "give up", "delete"])
    def test_a_copy_is_unpublished_when_its_offer_ends(self, profession, isere, commits, end):
        with commits():
            page = copy(profession, isere)
            page.save_revision().publish()
        sharing = origin_row(page).sharing
        with commits():
            {"withdraw": withdraw, "give up": give_up, "delete": lambda each: each.delete()}[end](sharing)
        assert PublishedDocument.objects.get(page_id=page.pk).is_withdrawn
        page = ProfessionPage.objects.get(pk=page.pk)
        assert not page.live
        page.enforces_publication_rules = True
        with pytest.raises(ValidationError):
            page.full_clean()
        # A page that is set live without validation has no document.
        with commits():
            ProfessionPage.objects.filter(pk=page.pk).update(live=True)
            page = ProfessionPage.objects.get(pk=page.pk)
            page.save(clean=False)
        assert PublishedDocument.objects.get(page_id=page.pk).is_withdrawn

    def test_accepting_an_offer_as_a_mirror_unpublishes_an_older_copy(self, profession, isere, commits):
        with commits():
            page = copy(profession, isere)
            page.save_revision().publish()
        with commits():
            accept(give_up(origin_row(page).sharing), Sharing.Taken.MIRROR)
        titles = PublishedDocument.objects.public().on_site_of(isere).values_list("page_id", flat=True)
        assert profession.pk in titles
        assert page.pk not in titles


class TestMerging:
    def test_only_fields_that_changed_at_the_origin_are_shown(self, profession, isere, commits):
        page = copy(profession, isere)
        assert changed(page) == {}
        page.summary = "Notre résumé."
        page.save_revision()
        assert changed(page) == {}
        publish(profession, commits, summary="Un beau métier.", rome_code="K1201")
        assert changed(page) == {"summary": True, "rome_code": False}

    def test_taken_fields_are_saved_as_a_draft_and_others_are_kept(self, profession, isere, commits):
        page = copy(profession, isere)
        page.summary = "Notre résumé."
        page.save_revision().publish()
        publish(profession, commits, summary="Un beau métier.", rome_code="K1201")

        merged(page, {"rome_code"})

        latest = latest_copy_revision(origin_row(page), isere)
        assert (latest.summary, latest.rome_code) == ("Notre résumé.", "K1201")
        assert ProfessionPage.objects.get(pk=page.pk).rome_code == "K1207", "not published by merging"
        assert changed(page) == {}
        publish(profession, commits, summary="Encore autre chose.")
        assert changed(page) == {"summary": True}, "a field that was kept counts as changed here"

    def test_a_stream_is_one_field_and_its_files_are_copied(self, profession, allier, isere, commits):
        page = copy(profession, isere)
        newer = ImageFactory(title="Neuve", collection=allier.collection)
        with commits():
            profession.body = [("image", {"image": newer, "alt": "", "caption": "Neuve"})]
            profession.image = newer
            profession.save_revision().publish()
        merged(page, {"body", "image"})
        latest = latest_copy_revision(origin_row(page), isere)
        assert foreign_fields(latest, isere) == []
        assert latest.image == latest.body[0].value["image"]
        assert latest.image.title == "Neuve"

    def test_block_ids_and_paragraph_keys_are_no_change(self, allier, isere, commits):
        with commits():
            event = make_page(EventPage, allier, introduction="<p>Venez.</p>")
        page = copy(event, isere)
        page.introduction = '<p data-block-key="ab12c">Venez.</p>'
        page.save_revision()
        publish(event, commits, introduction="<p>Venez tôt.</p>")
        assert changed(page) == {"introduction": False}

    def test_a_merge_of_an_outdated_state_is_refused(self, profession, isere, commits):
        page = copy(profession, isere)
        publish(profession, commits, summary="Un beau métier.")
        row = origin_row(page)
        state = state_token(published_origin(row.sharing), latest_copy_revision(row, isere))
        publish(profession, commits, summary="Un très beau métier.")
        with pytest.raises(ValidationError):
            merge(row, isere, {"summary"}, state)
        assert changed(page) == {"summary": False}


@pytest.mark.embedded
class TestScreens:
    def test_from_the_offer_to_the_merge(self, act, profession, isere, commits):
        sharing = offer(profession, isere)
        client = act("isere:publisher")
        take = reverse("copies:take", args=[sharing.pk])
        assert take in client.get(reverse("sharing:detail", args=[sharing.pk])).content.decode()
        assert client.get(take).status_code == 200
        sharing.refresh_from_db()
        assert sharing.state == "proposed"
        response = client.post(take)
        page = ProfessionPage.objects.get(title="Éducatrice", path__startswith=isere.container.path)
        assert response.headers["Location"] == reverse("wagtailadmin_pages:edit", args=[page.pk])

        publish(profession, commits, summary="Un beau métier.", rome_code="K1201")
        changes = reverse("copies:changes", args=[sharing.pk])
        assert changes in client.get(reverse("sharing:detail", args=[sharing.pk])).content.decode()
        form = client.get(changes)
        assert [(each["name"], each["is_changed_in_copy"]) for each in form.context["changes"]] == [
            ("summary", False),
            ("rome_code", False),
        ]
        state = form.context["state"]
        client.post(changes, {"state": state, "choice-summary": "take", "choice-rome_code": "keep"})
        latest = ProfessionPage.objects.get(pk=page.pk).get_latest_revision_as_object()
        assert (latest.summary, latest.rome_code) == ("Un beau métier.", "K1207")

    def test_the_screen_lists_omitted_parts_and_writes_nothing(self, act, allier, isere, commits):
        consent = ConsentFactory(collection=allier.collection, person_name="Nom secret")
        portrait = ImageFactory(collection=allier.collection, consent=consent, title="Titre secret")
        with commits():
            page = make_page(EventPage, allier, image=portrait)
            sharing = offer(page, isere)
        images = CustomImage.objects.count()
        response = act("isere:publisher").get(reverse("copies:take", args=[sharing.pk]))
        assert len(response.context["omitted_content"]) == 1
        assert "secret" not in response.content.decode()
        assert CustomImage.objects.count() == images

    @pytest.mark.parametrize("name", ["take", "changes"])
    @pytest.mark.parametrize("group", ["allier:publisher", "loire:publisher", "isere:editor"])
    def test_the_screens_are_closed_to_other_departments(self, act, profession, isere, name, group):
        make_department("loire")
        sharing = offer(profession, isere)
        if name == "changes":
            take_copy(sharing)
        client = act(group)
        url = reverse(f"copies:{name}", args=[sharing.pk])
        assert client.get(url).status_code == 404
        assert client.post(url, {"choice-summary": "take"}).status_code == 404

    def test_an_invitation_is_not_copied(self, act, profession, isere):
        sharing = offer(profession, isere)
        Sharing.objects.filter(pk=sharing.pk).update(kind="co_holding")
        assert act("isere:publisher").post(reverse("copies:take", args=[sharing.pk])).status_code == 404


def test_a_copied_file_that_was_deleted_is_copied_again(allier, isere):
    document = DocumentFactory(collection=allier.collection)
    first = get_or_create_copy(document, isere)
    first_key = first.pk
    assert get_or_create_copy(document, isere).pk == first_key
    first.delete()
    again = get_or_create_copy(document, isere)
    assert again.collection == isere.collection
    assert CustomDocument.objects.filter(pk=again.pk).exists()


def test_a_testimonial_that_is_withdrawn_is_not_copied(allier, isere, act, commits):
    """Its page stays live while the consent for its video, the captions or its own consent are missing."""
    make_section(isere, "testimonial")
    consent = ConsentFactory(collection=allier.collection)
    video = VideoFactory(collection=allier.collection, consent=consent)
    own = ConsentFactory(collection=allier.collection)
    with commits():
        page = make_page(TestimonialPage, allier, title="Camille", slug="camille", consent=own, video=video)
    offered = offer(page, isere)
    with commits():
        consent.withdrawn_on = timezone.localdate()
        consent.save()
    page.refresh_from_db()
    assert page.live
    assert act("isere:administrator").post(reverse("copies:take", args=[offered.pk])).status_code == 404
    assert not TestimonialPage.objects.exclude(pk=page.pk).exists()
