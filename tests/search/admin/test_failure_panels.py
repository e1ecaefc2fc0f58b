"""The dashboard names documents that search cannot read, and the failures of the index, and tries them again."""

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult, get_date_max

from cms.pages.models import StandardPage
from search.indexing import tasks
from search.indexing.file_texts.attachments import MAX_ATTEMPTS, give_up_files, read_unread_files
from search.indexing.index_updates import apply_feed, index_file_texts
from search.indexing.rebuild import rebuild_if_required
from search.models import FileText, IndexCursor
from tests.factories import files
from tests.factories.departments import make_department
from tests.factories.media import DocumentFactory
from tests.factories.pages import make_page
from tests.factories.users import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

HOME = reverse("wagtailadmin_home")


def panels(client):
    shown = client.get(HOME).context["panels"]
    return {panel.template_name: panel for panel in shown if hasattr(panel, "template_name")}


@pytest.fixture
def enqueued(monkeypatch):
    """Return the list of tasks that are enqueued; none runs."""
    found = []
    monkeypatch.setattr(tasks, "_enqueue_once", found.append)
    return found


@pytest.fixture
def broken(commits, search_index):
    """A public document of the Allier whose text cannot be read."""
    with commits():
        allier, isere = make_department("allier"), make_department("isere")
        document = DocumentFactory(
            title="Guide", file=ContentFile(files.pdf("ouistiti"), name="a.pdf"), collection=allier.collection
        )
        make_page(StandardPage, allier, body=[("document", document)])
    search_index()
    document.file.storage.delete(document.file.name)
    read_unread_files(30)
    assert FileText.objects.exclude(problem="").exists()
    for department in (allier, isere):
        make_user(department.slug, groups=[f"{department.slug}:editor"])
    return document


def test_the_owner_sees_a_file_that_cannot_be_read_and_tries_again(broken, client, search_index, enqueued):
    url = reverse("document_text_retry", args=[broken.pk])
    client.force_login(make_user("other", groups=["isere:administrator"]))
    assert "cms_search/unreadable_files_panel.html" not in panels(client)
    assert client.post(url).status_code == 404
    client.force_login(make_user("own", groups=["allier:administrator"]))
    shown = client.get(HOME).content.decode()
    assert "Guide" in shown
    assert f'action="{url}"' in shown
    assert client.get(url).status_code == 405

    broken.file.storage.save(broken.file.name, ContentFile(files.pdf("ouistiti")))
    assert client.post(url, follow=True).redirect_chain == [(HOME, 302)]
    assert enqueued == [tasks.read_files]
    read_unread_files(30)
    engine = search_index()
    index_file_texts(engine)
    apply_feed(engine)
    assert [row.text.strip() for row in FileText.objects.all()] == ["ouistiti"]
    assert "cms_search/unreadable_files_panel.html" not in panels(client)


def test_a_file_that_ended_every_process_is_listed_and_tried_again(broken, client):
    FileText.objects.update(problem="", read_at=None, attempts=MAX_ATTEMPTS, begun_at=timezone.now())
    assert give_up_files() == 0, "the last process may still read it"
    FileText.objects.update(begun_at=timezone.now() - timezone.timedelta(minutes=10))
    assert give_up_files() == 1
    client.force_login(make_user("own", groups=["allier:administrator"]))
    assert "cms_search/unreadable_files_panel.html" in panels(client)


def test_a_file_that_is_no_longer_public_is_queued_again_when_it_is(broken, commits, search_index):
    FileText.objects.update(problem="", read_at=None, attempts=0, begun_at=None)
    page = StandardPage.objects.get()
    with commits():
        page.unpublish()
    read_unread_files(30)
    assert not FileText.objects.exists()
    with commits():
        page.get_latest_revision().publish()
    search_index()
    assert FileText.objects.filter(read_at=None).count() == 1


def test_administrators_of_the_instance_see_the_failures_of_the_index(broken, client, enqueued):
    client.force_login(make_user("editor", groups=["allier:administrator"]))
    IndexCursor.objects.update(rebuild_reason="for a test")
    task = {
        "task_path": "search.indexing.tasks.update_index",
        "args_kwargs": {"args": [], "kwargs": {}},
        "queue_name": "index",
        "backend_name": "default",
        "run_after": get_date_max(),
        "exception_class_path": "",
        "traceback": "",
    }
    DBTaskResult.objects.create(**task, status=TaskResultStatus.FAILED, finished_at=timezone.now())
    url = reverse("search_index_retry")
    assert "cms_search/index_panel.html" not in panels(client)
    assert client.post(url).status_code == 404

    client.force_login(make_user("operator", is_superuser=True))
    assert len(panels(client)["cms_search/index_panel.html"].problems) == 2
    client.post(url)
    assert enqueued == [tasks.rebuild_index, tasks.update_index, tasks.index_failed]
    assert not DBTaskResult.objects.failed().exists()
    assert rebuild_if_required()
    assert "cms_search/index_panel.html" not in panels(client)
