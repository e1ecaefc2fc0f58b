"""Documents are found by the texts of their files, as long as the files are public."""

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
    """Return a function that updates the index as the tasks do: the feed, then files, then their documents."""

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


def test_files_in_bodies_and_deliverables_are_found(allier, commits, up_to_date):
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


def test_a_file_leaves_the_index_while_it_is_private(allier, commits, each_engine, up_to_date):
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


def test_a_private_file_is_never_read(allier, commits, up_to_date):
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


def test_a_private_file_cannot_be_read_through_its_hash(allier, commits, up_to_date):
    """A forged archive may contain a row whose hash is that of another content."""
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


def test_a_replaced_file_is_read_again(allier, commits, up_to_date):
    with commits():
        file = stored(allier, files.pdf("chimpanzé"), "remplacé.pdf")
        make_page(StandardPage, allier, title="Page", body=[("document", file)])
    up_to_date()
    with commits():
        file.file = ContentFile(files.pdf("ouistitis"), name="remplacé.pdf")
        file.save()
    up_to_date()
    assert titles("chimpanzé") == []
    assert titles("ouistitis") == ["Page"]
    assert list(FileText.objects.values_list("text", flat=True)) == ["ouistitis"], "the old text is forgotten"


def test_the_text_of_a_deleted_file_is_deleted_unless_another_file_has_its_content(allier, commits, up_to_date):
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


def test_a_transcript_leaves_the_index_when_the_consent_is_withdrawn(allier, commits, up_to_date):
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


def test_a_damaged_file_is_tried_once_and_delays_nothing(allier, commits, up_to_date, caplog):
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


def test_a_file_in_several_documents_is_read_once(allier, commits, up_to_date, monkeypatch):
    read = []
    original = attachments.extract_text
    monkeypatch.setattr(attachments, "extract_text", lambda file, key: read.append(key) or original(file, key))
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


def test_the_feed_is_applied_without_waiting_for_files(
    allier, commits, each_engine, search_index, django_assert_num_queries
):
    with commits():
        make_page(StandardPage, allier, title="Chimpanzé", body=[("document", stored(allier, files.pdf("ouistiti")))])
    search_index()
    assert titles("chimpanzé") == ["Chimpanzé"]
    assert titles("ouistiti") == []
    assert FileText.objects.get().attempts == 0


def test_a_text_that_is_stored_while_its_document_is_indexed_is_not_lost(allier, commits, search_index, monkeypatch):
    with commits():
        make_page(StandardPage, allier, title="Page", body=[("document", stored(allier, files.pdf("ouistiti")))])
    engine = get_or_create_live_engine()
    original = type(engine).apply

    def apply(self, documents, withdrawn):
        """Read the file as another process would, before the batch is written."""
        documents = list(documents)
        if FileText.objects.filter(read_at=None).exists():
            read_unread_files(60)
            FileText.objects.update(is_indexed=True)
        return original(self, documents, withdrawn)

    monkeypatch.setattr(type(engine), "apply", apply)
    search_index()
    assert titles("ouistiti") == ["Page"]


def test_a_file_of_a_killed_process_is_read_by_another_up_to_the_maximum_attempts(db):
    now = timezone.now()
    long_ago = now - datetime.timedelta(hours=1)
    FileText.objects.create(hash="a" * 40, begun_at=now, attempts=1)
    assert read_unread_files(60) == 0, "somebody reads it"
    FileText.objects.update(begun_at=long_ago)
    assert read_unread_files(60) == 1
    FileText.objects.update(begun_at=long_ago, read_at=None, attempts=attachments.MAX_ATTEMPTS)
    assert read_unread_files(60) == 0, "it ended three of them"


def test_the_texts_of_a_batch_need_one_query(db, django_assert_num_queries):
    hashes = [f"{number:040}" for number in range(50)]
    with django_assert_num_queries(2):
        assert set(file_texts(hashes).values()) == {None}
    FileText.objects.update(read_at=timezone.now(), text="chimpanzé")
    with django_assert_num_queries(1):
        assert len(file_texts(hashes)) == 50


def test_the_texts_of_one_document_are_truncated():
    texts = attachments.truncate_texts(["x" * (attachments.MAX_CHARACTERS - 5), "y" * 20, "z"])
    assert [len(text) for text in texts] == [attachments.MAX_CHARACTERS - 5, 5]


def test_the_command_reads_files(allier, commits, search_index, capsys):
    with commits():
        make_page(StandardPage, allier, title="Page", body=[("document", stored(allier, files.pdf("ouistiti")))])
    call_command("search_update")
    assert "1 files read" in capsys.readouterr().out
    assert titles("ouistiti") == ["Page"]
