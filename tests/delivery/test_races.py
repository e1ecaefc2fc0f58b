"""Refreshes that run while another process commits a transaction (READ COMMITTED, PostgreSQL only)."""

import threading

import pytest
from django.db import connection, transaction
from wagtail.models import Collection, CollectionViewRestriction, Locale, Page, PageViewRestriction

from cms.delivery import publisher
from cms.delivery.models import PublishedDocument, RefreshRequest
from cms.pages.models import EventPage, StandardPage
from tests.factories.departments import make_department
from tests.factories.media import DocumentFactory, ImageFactory
from tests.factories.pages import OrganisationFactory, home_of, make_page
from tests.factories.sharing import mirror

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def in_thread():
    """Start functions in threads with their own connections. At the end all of them must have succeeded."""
    threads: list[threading.Thread] = []
    errors: list[BaseException] = []

    def start(function):
        def run():
            try:
                function()
            except BaseException as error:
                errors.append(error)
            finally:
                connection.close()

        threads.append(threading.Thread(target=run))
        threads[-1].start()
        return threads[-1]

    yield start
    for thread in threads:
        thread.join(timeout=30)
    assert errors == []


def move(page, target, pos):
    with transaction.atomic():
        Page.objects.get(pk=page.pk).specific.move(Page.objects.get(pk=target.pk), pos=pos)


def test_a_reorder_during_a_refresh_does_not_publish_a_private_page(in_thread, monkeypatch):
    home = home_of(make_department("allier"))
    private, other = (make_page(StandardPage, home, slug=slug) for slug in ("prive", "autre"))
    PageViewRestriction.objects.create(page=private, restriction_type="login")
    child = make_page(StandardPage, private, slug="enfant")
    moved = threading.Event()

    class SlowBatch(publisher.PageBatch):
        def __init__(self, *arguments):
            if not moved.is_set():
                moved.set()
                thread = in_thread(lambda: move(private, other, "right"))
                thread.join(timeout=1)  # It commits now; its own refresh waits for the lock of the feed.
            super().__init__(*arguments)

    monkeypatch.setattr(publisher, "PageBatch", SlowBatch)
    child = StandardPage.objects.get(pk=child.pk)
    child.save_revision().publish()
    publisher.process_refresh_requests()

    assert moved.is_set()
    assert not PublishedDocument.objects.public().filter(page_id=child.pk).exists()


def test_a_reorder_and_a_refresh_do_not_block_each_other(in_thread, monkeypatch):
    department = make_department("allier")
    organisation = OrganisationFactory()
    organisers = [("organiser", {"organisation": organisation, "contacts": []})]
    first, second = (make_page(EventPage, department, slug=slug, organisers=organisers) for slug in ("un", "deux"))
    first = EventPage.objects.get(pk=first.pk)
    first.save_revision().publish()  # The row of its document now follows that of the second page.
    write, has_written = publisher.DocumentWriter.write, threading.Event()

    def slow_write(self, *arguments):
        write(self, *arguments)
        has_written.set()
        threading.Event().wait(0.5)

    def rename():
        organisation.name = "Autre nom"
        organisation.save()

    monkeypatch.setattr(publisher.DocumentWriter, "write", slow_write)
    threads = [in_thread(rename)]
    assert has_written.wait(timeout=10)
    threads.append(in_thread(lambda: move(second, first, "left")))
    for thread in threads:
        thread.join(timeout=30)

    publisher.process_refresh_requests()
    assert not RefreshRequest.objects.exists()
    documents = PublishedDocument.objects.filter(type="event").order_by("tree_path")
    assert [document.page_id for document in documents] == [second.pk, first.pk]
    names = {document.data["content"]["organisers"][0]["organisation"]["name"] for document in documents}
    assert names == {"Autre nom"}


class TestAnObjectChangesWhileAnotherTransactionPublishes:
    """The change is not committed when the page goes live. The page must not keep what it saw before the commit."""

    @pytest.fixture
    def department(self):
        return make_department("allier")

    def publish_meanwhile(self, in_thread, department, change, body):
        """Return the document of a page that goes live inside the transaction of a change, after the commit."""
        made = []
        with transaction.atomic():
            change()
            in_thread(lambda: made.append(make_page(StandardPage, home_of(department), body=body))).join(timeout=30)
            assert PublishedDocument.objects.get(page_id=made[0].pk).data["content"]["body"] != []
        return PublishedDocument.objects.get(page_id=made[0].pk)

    def test_a_file_is_deleted(self, in_thread, department):
        file = DocumentFactory(collection=department.collection)
        delete = lambda: type(file).objects.get().delete()  # noqa: E731
        document = self.publish_meanwhile(in_thread, department, delete, [("document", file)])
        assert document.data["content"]["body"] == []
        assert not document.files.exists()

    def test_an_image_is_deleted(self, in_thread, department):
        image = ImageFactory(collection=department.collection)
        image.get_renditions("max-1600x1600", "max-480x480")
        delete = lambda: type(image).objects.get(pk=image.pk).delete()  # noqa: E731
        document = self.publish_meanwhile(in_thread, department, delete, [("image", {"image": image})])
        assert document.data["content"]["body"] == []
        assert not document.files.exists()

    def test_a_collection_becomes_private(self, in_thread, department):
        collection = department.collection.add_child(name="Interne")
        body = [("document", DocumentFactory(collection=collection))]
        restrict = lambda: CollectionViewRestriction.objects.create(  # noqa: E731
            collection=collection, restriction_type="login"
        )
        document = self.publish_meanwhile(in_thread, department, restrict, body)
        assert document.data["content"]["body"] == []

    def test_a_snippet_is_deleted(self, in_thread, department):
        organisation = OrganisationFactory()
        body = [("organisation", organisation)]
        delete = lambda: type(organisation).objects.get().delete()  # noqa: E731
        document = self.publish_meanwhile(in_thread, department, delete, body)
        assert document.data["content"]["body"] == []

    def test_a_sharing_is_accepted(self, in_thread, department):
        other = make_department("isere")
        page = make_page(StandardPage, department)
        english = Locale.objects.get(language_code="en")
        translations = []

        def translate():
            copy = StandardPage.objects.get(pk=page.pk).copy_for_translation(english)
            copy.save_revision().publish()
            translations.append(copy)

        with transaction.atomic():
            mirror(page, other)
            in_thread(translate).join(timeout=30)
        document = PublishedDocument.objects.get(page_id=translations[0].pk)
        assert set(document.placements.values_list("department", flat=True)) == {department.pk, other.pk}


def test_collections_are_renumbered_while_the_affected_pages_are_computed(in_thread, settings):
    """A move gives the collections beside it new paths, without a signal for them."""
    settings.DOCUMENT_TASKS = "kept"  # The test processes the requests.
    settings.TASKS = settings.TASKS | {"kept": {"BACKEND": "django_tasks.backends.dummy.DummyBackend", "QUEUES": []}}
    department = make_department("allier")
    top = department.collection
    other, private = top.add_child(name="Affiches"), top.add_child(name="Interne")
    child = other.add_child(name="Avril")
    page = make_page(StandardPage, department, body=[("document", DocumentFactory(collection=private))])
    publisher.process_refresh_requests()
    moved = threading.Event()

    def move_before():
        with transaction.atomic():
            Collection.objects.get(pk=child.pk).move(Collection.objects.get(pk=top.pk), "sorted-child")

    def move_after_the_first_path(execute, sql, *arguments):
        result = execute(sql, *arguments)
        if sql.startswith("SELECT") and '"wagtailcore_collection"."path"' in sql and not moved.is_set():
            moved.set()
            in_thread(move_before).join(timeout=1)
        return result

    CollectionViewRestriction.objects.create(collection=private, restriction_type="login")
    path = Collection.objects.get(pk=private.pk).path
    with connection.execute_wrapper(move_after_the_first_path):
        publisher.process_refresh_requests()
    assert moved.is_set()
    assert Collection.objects.get(pk=private.pk).path != path
    assert PublishedDocument.objects.get(page_id=page.pk).data["content"]["body"] == []


def test_two_editors_add_a_page_below_one_at_the_same_time(in_thread):
    home = home_of(make_department("allier"))
    before = home.get_children().count()
    with transaction.atomic():
        make_page(StandardPage, home, slug="un")
        thread = in_thread(lambda: make_page(StandardPage, home_of(home.get_site().department), slug="deux"))
        thread.join(timeout=1)
        assert thread.is_alive(), "it waits for the first page"
    thread.join(timeout=30)
    home.refresh_from_db()
    assert home.get_children().count() == home.numchild == before + 2
