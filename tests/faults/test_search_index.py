"""Updates and rebuilds of the search index, and the reading of files, are interrupted at each point."""

import pytest

from search.indexing import tasks
from search.indexing.rebuild import rebuild
from search.models import FileText
from tests.search.conftest import each_engine  # noqa: F401 (replaces the fixture of the folder)
from tests.search.indexing.test_tasks import titles

from .injection import interrupted
from .recovery import recover

pytestmark = pytest.mark.django_db(transaction=True)


def update(page, number):
    page.refresh_from_db()
    page.title = f"Chimpanzé ouistiti{number}"
    page.save_revision().publish()
    return tasks.update_index.call


def make_anew(page, number):
    return rebuild


def read_files(page, number):
    FileText.objects.update(read_at=None, attempts=0, begun_at=None, text="", is_indexed=False)

    def read():
        tasks.read_files.call()
        tasks.update_index.call()

    return read


@pytest.mark.parametrize("kill", [True, False], ids=["killed", "error"])
@pytest.mark.parametrize("step", [update, make_anew, read_files], ids=lambda step: step.__name__)
def test_the_index_equals_the_documents(page, step, kill):
    failed = []
    for injection, error in interrupted(lambda number: step(page, number), kill=kill):
        if problems := recover():
            failed.append((injection.happened, error, problems))
        assert titles("document")
        if step is update:
            assert titles(page.title.split()[1])
    assert failed == []
    assert FileText.objects.exclude(text="").exists()
