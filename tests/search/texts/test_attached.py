"""The text of a file belongs to the documents that show it, for as long as the public may fetch it, and no longer."""

import datetime

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.utils import timezone
from wagtail.models import CollectionViewRestriction

from cms.media.content_hashes import content_hash
from cms.media.models import CustomDocument
from cms.pages.models import EventPage, PartnershipPage, StandardPage, TestimonialPage
from search.engines import get_or_create_live_engine
from search.indexing.file_texts import attachments
from search.indexing.file_texts.attachments import file_texts, read_unread_files
from search.indexing.index_updates import index_file_texts
from search.indexing.rebuild import rebuild
from search.models import FileText
from search.query.search_query import SearchQuery, parse_words
from search.results import run_search
from tests.factories import files
from tests.factories.departments import make_department
from tests.factories.media import ConsentFactory, DocumentFactory
from tests.factories.pages import home_of, make_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def allier(commits):
    with commits():
        return make_department("allier")


@pytest.fixture
def up_to_date(search_index):
    """Bring the index up to date as tasks do: the feed, then files, then what shows them."""

    def update():
        search_index()
        read_unread_files(60)
        index_file_texts(get_or_create_live_engine())

    return update


def stored(department, data, name="programme.pdf", **fields):
    return DocumentFactory(file=ContentFile(data, name=name), collection=department.collection, **fields)


def titles(q):
    return [card["title"] for _hit, card in run_search(SearchQuery(words=parse_words(q))).cards]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pdf", files.pdf("Le chimpanzé du bâtiment")),
        ("a.docx", files.word("Bonjour", "Le chimpanzé du bâtiment")),
        ("a.odt", files.open_document("Bonjour", "Le chimpanzé du bâtiment")),
    ],
)
def test_a_document_is_found_by_the_words_of_its_files(allier, commits, up_to_date, name, data):
    with commits():
        make_page(EventPage, allier, title="Festival", documents=[("document", stored(allier, data, name))])
    up_to_date()
    assert titles("chimpanzés") == ["Festival"]
    hit = run_search(SearchQuery(words=parse_words("chimpanzé")), highlight=True).answer.hits[0]
    assert "<mark>chimpanzé</mark>" in hit.fragments["text"]


def test_files_stand_in_bodies_and_deliverables_too(allier, commits, up_to_date):
    body = stored(allier, files.pdf("chimpanzé"))
    deliverable = stored(allier, files.pdf("ouistiti"))
    with commits():
        make_page(StandardPage, allier, title="Page", body=[("document", body)])
        make_page(
            PartnershipPage, allier, title="Partenariat",
            deliverables=[("deliverable", {"title": "Guide", "state": "delivered", "file": deliverable})],
        )  # fmt: skip
    up_to_date()
    assert titles("chimpanzé") == ["Page"]
    assert titles("ouistiti") == ["Partenariat"]


def test_a_file_made_private_leaves_the_index_and_comes_back(allier, commits, each_engine, up_to_date):
    private = allier.collection.add_child(name="Réservé")
    with commits():
        file = DocumentFactory(file=ContentFile(files.pdf("chimpanzé"), name="a.pdf"), collection=private)
        make_page(StandardPage, allier, title="Page", body=[("document", file)])
    up_to_date()
    assert titles("chimpanzé") == ["Page"]
    with commits():
        restriction = CollectionViewRestriction.objects.create(
            collection=private, restriction_type=CollectionViewRestriction.PASSWORD, password="x"
        )
    up_to_date()
    assert titles("chimpanzé") == []
    with commits():
        restriction.delete()
    up_to_date()
    assert titles("chimpanzé") == ["Page"]


def test_a_file_that_was_private_from_the_beginning_is_never_read(allier, commits, up_to_date):
    private = allier.collection.add_child(name="Réservé")
    CollectionViewRestriction.objects.create(
        collection=private, restriction_type=CollectionViewRestriction.PASSWORD, password="x"
    )
    file = DocumentFactory(file=ContentFile(files.pdf("chimpanzé"), name="a.pdf"), collection=private)
    with commits():
        make_page(StandardPage, allier, title="Page", body=[("document", file)])
    up_to_date()
    assert titles("chimpanzé") == []
    assert not FileText.objects.exists()


def test_nobody_reads_a_private_file_by_naming_its_hash(allier, commits, up_to_date):
    """As an archive from elsewhere might: the content is another one than the row says."""
    private = allier.collection.add_child(name="Réservé")
    CollectionViewRestriction.objects.create(
        collection=private, restriction_type=CollectionViewRestriction.PASSWORD, password="x"
    )
    secret = DocumentFactory(file=ContentFile(files.pdf("chimpanzé"), name="a.pdf"), collection=private)
    decoy = stored(allier, files.pdf("ouistiti"))
    CustomDocument.objects.filter(pk=decoy.pk).update(file_hash=content_hash(secret))
    decoy.refresh_from_db()
    with commits():
        make_page(StandardPage, allier, title="Page", body=[("document", decoy)])
    up_to_date()
    assert titles("chimpanzé") == titles("ouistiti") == []
    assert FileText.objects.get().problem == "its content is not what was published"


def test_a_file_in_another_ones_place_is_followed_even_under_its_name(allier, commits, up_to_date):
    with commits():
        file = stored(allier, files.pdf("chimpanzé"), "remplacé.pdf")
        make_page(StandardPage, allier, title="Page", body=[("document", file)])
    up_to_date()
    name = file.file.name
    with commits():
        file.file.storage.delete(name)
        file.file = ContentFile(files.pdf("ouistitis"), name="remplacé.pdf")
        file.save()
    assert file.file.name == name, "only the content differs"
    up_to_date()
    assert titles("chimpanzé") == []
    assert titles("ouistitis") == ["Page"]
    assert list(FileText.objects.values_list("text", flat=True)) == ["ouistitis"], "the old text is forgotten"


def test_a_deleted_file_is_forgotten_unless_another_has_its_content(allier, commits, up_to_date):
    with commits():
        one, other = (stored(allier, files.pdf("chimpanzé")) for _each in range(2))
        make_page(StandardPage, allier, title="Page", body=[("document", one), ("document", other)])
    up_to_date()
    with commits():
        one.delete()
    up_to_date()
    assert titles("chimpanzé") == ["Page"]
    with commits():
        other.delete()
    up_to_date()
    assert titles("chimpanzé") == []
    assert not FileText.objects.exists()


def test_a_withdrawn_consent_takes_the_transcript_with_it(allier, commits, up_to_date):
    consent = ConsentFactory(collection=allier.collection)
    with commits():
        make_page(
            TestimonialPage, allier, title="Camille", consent=consent, transcript="<p>Chaque matin, un chimpanzé.</p>"
        )
    up_to_date()
    assert titles("chimpanzé") == ["Camille"]
    with commits():
        consent.withdrawn_on = timezone.localdate()
        consent.save()
    up_to_date()
    assert titles("chimpanzé") == []


def test_a_broken_file_holds_nothing_up_and_is_read_once(allier, commits, up_to_date, caplog):
    with commits():
        make_page(StandardPage, allier, title="Chimpanzé", body=[("document", stored(allier, b"%PDF-1.4\n%%EOF\n"))])
    up_to_date()
    assert titles("chimpanzé") == ["Chimpanzé"]
    assert "cannot be read and is not searched" in caplog.text
    assert FileText.objects.get().problem
    caplog.clear()
    up_to_date()
    rebuild()
    assert not caplog.text


def test_a_file_is_read_once_however_many_documents_show_it(allier, commits, up_to_date, monkeypatch):
    read = []
    original = attachments.extract_text
    monkeypatch.setattr(attachments, "read_text", lambda file, key: read.append(key) or original(file, key))
    for number in range(3):
        with commits():
            file = stored(allier, files.pdf("chimpanzé"))
            make_page(
                StandardPage, home_of(allier), title=f"Page {number}", slug=f"p-{number}", body=[("document", file)]
            )
        up_to_date()
    rebuild()
    assert len(read) == 1
    assert len(titles("chimpanzé")) == 3


def test_the_feed_is_followed_without_waiting_for_files(
    allier, commits, each_engine, search_index, django_assert_num_queries
):
    with commits():
        make_page(StandardPage, allier, title="Chimpanzé", body=[("document", stored(allier, files.pdf("ouistiti")))])
    search_index()
    assert titles("chimpanzé") == ["Chimpanzé"]
    assert titles("ouistiti") == []
    assert FileText.objects.get().attempts == 0


def test_a_text_that_comes_while_its_document_is_indexed_is_not_lost(allier, commits, search_index, monkeypatch):
    with commits():
        make_page(StandardPage, allier, title="Page", body=[("document", stored(allier, files.pdf("ouistiti")))])
    engine = get_or_create_live_engine()
    original = type(engine).apply

    def apply(self, documents, withdrawn):
        """Another process reads the file, and is done with it before this one writes."""
        documents = list(documents)
        if FileText.objects.filter(read_at=None).exists():
            read_unread_files(60)
            FileText.objects.update(is_indexed=True)
        original(self, documents, withdrawn)

    monkeypatch.setattr(type(engine), "apply", apply)
    search_index()
    assert titles("ouistiti") == ["Page"]


def test_a_reader_that_was_ended_leaves_its_file_to_another_but_not_for_ever(db):
    now = timezone.now()
    long_ago = now - datetime.timedelta(hours=1)
    FileText.objects.create(hash="a" * 40, begun_at=now, attempts=1)
    assert read_unread_files(60) == 0, "somebody reads it"
    FileText.objects.update(begun_at=long_ago)
    assert read_unread_files(60) == 1
    FileText.objects.update(begun_at=long_ago, read_at=None, attempts=attachments.MAX_ATTEMPTS)
    assert read_unread_files(60) == 0, "it ended three of them"


def test_one_query_for_the_texts_of_a_batch(db, django_assert_num_queries):
    hashes = [f"{number:040}" for number in range(50)]
    with django_assert_num_queries(2):
        assert set(file_texts(hashes).values()) == {None}
    FileText.objects.update(read_at=timezone.now(), text="chimpanzé")
    with django_assert_num_queries(1):
        assert len(file_texts(hashes)) == 50


def test_all_files_of_one_document_are_cut():
    texts = attachments.truncate_texts(["x" * (attachments.MAX_CHARACTERS - 5), "y" * 20, "z"])
    assert [len(text) for text in texts] == [attachments.MAX_CHARACTERS - 5, 5]


def test_the_command_reads_files_too(allier, commits, search_index, capsys):
    with commits():
        make_page(StandardPage, allier, title="Page", body=[("document", stored(allier, files.pdf("ouistiti")))])
    call_command("search_update")
    assert "1 files read" in capsys.readouterr().out
    assert titles("ouistiti") == ["Page"]
