"""Fixtures and hooks of all tests: the test database, on-commit callbacks, Chromium, and skipped services."""

import gc
import os
import shutil
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import pytest
from _pytest import runner
from django.conf import settings
from django.core.cache import caches
from django.core.files.storage import storages
from django.db import Error, connection
from django.test import TransactionTestCase

from cms.overrides.call_stack import reserve_call_stack

from . import rendered_contexts
from .migrated_database import copy_migrated_database, drop_copy
from .sequences import changed_sequences, read_sequences, set_sequences
from .snapshots import drop_snapshot_databases, make_snapshot_folder

pytest_plugins = ["tests.isolation.report"]

# Without windows, menus and extensions the headless shell takes two thirds of the time of the whole browser.
CHROMIUM_NAMES = (
    "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable",
)  # fmt: skip


def pytest_addoption(parser):
    parser.addoption(
        "--services",
        action="store_true",
        help="a missing PostgreSQL, Elasticsearch or Chromium is a failure, not a skip",
    )
    parser.addoption(
        "--screenshots",
        action="store_true",
        help="the browser tests write the pictures of the documentation into docs/images (`make screenshots`)",
    )


# Allocations between two collections of garbage, and collections of one generation between two of the next. Python's
# own numbers cost a tenth of the time of a process with as many objects as Django and the tests have.
GARBAGE_THRESHOLDS = (50_000, 20, 50)


_prepare_rows = TransactionTestCase._fixture_setup.__func__  # type: ignore[attr-defined]


def _save_migrated_rows(cls):
    """Before a test that commits store the rows of the migrations, once in a session."""
    from .snapshots import save_migrated_rows  # The applications are not ready when this file is read.

    save_migrated_rows()
    _prepare_rows(cls)


def _restore_migrated_rows(test_case):
    """After a test that commits restore the rows of the migrations, in a tenth of the time that Django would take."""
    from .snapshots import restore_migrated_rows  # The applications are not ready when this file is read.

    restore_migrated_rows()


def pytest_xdist_auto_num_workers():
    """Return the number of workers for `-n auto`: one more than cores. They wait for browsers, programs and servers."""
    return len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)) + 1


def pytest_configure(config):
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    reserve_call_stack(runner.pytest_runtest_protocol)
    TransactionTestCase._fixture_setup = classmethod(_save_migrated_rows)
    TransactionTestCase._fixture_teardown = _restore_migrated_rows
    if (folder := make_snapshot_folder()) is not None:
        config.add_cleanup(folder.cleanup)
        config.add_cleanup(drop_snapshot_databases)


def pytest_collection_finish():
    """Let collections of garbage skip what exists by now: the modules, the models and the tests."""
    gc.freeze()


# Fixtures without which pytest-django refuses every query, and markers of tests that need a service without them.
DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "django_db_setup"}
SERVICE_MARKERS = ("django_db", "postgresql", "elasticsearch", "outage")


# Files of more than half a minute, which start first: no core waits for one of them at the end.
SLOW_FILES = (
    "isolation/test_matrix.py",
    "bench/test_bench.py",
    "odd_requests/test_headers.py",
    "odd_requests/test_page_forms.py",
    "odd_requests/test_odd_values.py",
    "api/test_v2.py",
    "search/judgments/test_judged_queries.py",
    "faults/test_search_index.py",
    "faults/test_publication.py",
    "faults/test_translations.py",
    "faults/test_archives.py",
    "demo/test_load_demo.py",
    "sites/rate_limits/test_admin.py",
    "isolation/test_draft_titles.py",
    "isolation/test_safe_methods.py",
    "api/test_odd_filters.py",
    "isolation/test_current_department.py",
    "hardening/test_absolute_urls.py",
    "isolation/test_odd_keys.py",
    "isolation/test_names.py",
    "isolation/test_script_injection.py",
    "isolation/test_form_references.py",
    "isolation/test_export_formulas.py",
    "isolation/test_properties.py",
    "translations/test_subtrees.py",
    "search/engines/test_transactions.py",
    "archive/test_deletion.py",
    "archive/test_restored_answers.py",
    "browser/test_accessibility.py",
)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items):
    """Mark the tests that cannot query as `embedded`, and move the slow files to the beginning."""
    for item in items:
        needs_service = any(map(item.get_closest_marker, SERVICE_MARKERS))
        if not needs_service and not DATABASE_FIXTURES & set(item.fixturenames):
            item.add_marker(pytest.mark.embedded)
    result = yield
    folder = Path(__file__).parent
    places = {folder / name: place for place, name in enumerate(SLOW_FILES)}
    items.sort(key=lambda item: places.get(item.path, len(places)))
    return result


def _commits(item):
    marker = item.get_closest_marker("django_db")
    is_marked = bool(marker and marker.kwargs.get("transaction"))
    return is_marked or bool({"transactional_db", "live_server"} & set(item.fixturenames))


def pytest_runtest_setup(item):
    missing = ""
    if item.get_closest_marker("postgresql") and "postgresql" not in settings.DATABASES["default"]["ENGINE"]:
        missing = "DATABASE_URL does not name a PostgreSQL server"
    elif item.get_closest_marker("elasticsearch") and not settings.ELASTICSEARCH_URL:
        missing = "ELASTICSEARCH_URL is not set"
    elif item.get_closest_marker("outage") and not os.environ.get("ELASTICSEARCH_STOP"):
        missing = "ELASTICSEARCH_START and ELASTICSEARCH_STOP do not name what starts and stops the server"
    elif item.get_closest_marker("browser") and not chromium():
        missing = "no Chromium: install the package chromium-headless-shell or chromium, or set CHROMIUM to its path"
    if missing and (item.config.getoption("services") or os.environ.get("CI") == "true"):
        pytest.fail(missing, pytrace=False)
    elif missing:
        pytest.skip(missing)
    if item.get_closest_marker("browser"):
        # Playwright leaves an event loop running in this thread, where Django would refuse to query.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def chromium() -> Path | None:
    """Return the path of the installed browser, since Playwright would download its own; None if there is none."""
    names = [os.environ["CHROMIUM"]] if os.environ.get("CHROMIUM") else CHROMIUM_NAMES
    paths = filter(None, map(shutil.which, names))
    return next(map(Path, paths), None)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request, django_db_modify_db_settings_parallel_suffix, django_db_blocker):
    """Put a copy of the migrated database where pytest-django expects one to reuse; `--create-db` migrates anew."""
    with django_db_blocker.unblock():
        copy_migrated_database(rebuild=request.config.getoption("create_db"))
    yield
    with django_db_blocker.unblock():
        drop_copy()


@pytest.fixture(scope="session")
def django_db_keepdb():
    """The test database is the copy. Django runs on it what `migrate` finds to do: nothing, in a third of a second."""
    return True


@pytest.fixture(scope="session")
def django_db_createdb():
    return False


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {
        **browser_type_launch_args,
        "executable_path": str(chromium()),
        "args": ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
    }


@pytest.fixture(autouse=True)
def _equal_sequences(request):
    """Let each test that is rolled back number its rows as the one before, on PostgreSQL as on SQLite.

    The factories can then repeat what they recorded (`tests/factories/recording.py`).
    """
    uses_database = request.node.get_closest_marker("django_db") or "db" in request.fixturenames
    if connection.vendor != "postgresql" or not uses_database or _commits(request.node):
        yield
        return
    request.getfixturevalue("db")
    before = read_sequences()
    yield
    with suppress(Error):  # The transaction of a test may be unusable.
        set_sequences(changed_sequences(before))


@pytest.fixture(autouse=True, scope="session")
def _contexts_of_views(django_test_environment):
    """Store the contexts of the templates that views render in `response.context`, without those inside others."""
    rendered_contexts.store_contexts_of_views()


@pytest.fixture
def every_context():
    """Store the context of every template in `response.context`."""
    with rendered_contexts.every_context():
        yield


@pytest.fixture(autouse=True)
def _equal_beginnings():
    """Let each test number its objects from 0 and begin without queued pages: the factories can then repeat others."""
    from cms.delivery import refresh_requests  # The applications are not ready when this file is read.

    from .factories.recorded_models import restart_sequences
    from .factories.recording import forget_latest_recording

    forget_latest_recording()
    restart_sequences()
    refresh_requests._own_pages.ids = set()


@pytest.fixture(autouse=True)
def _empty_cache():
    """Empty the cache: Wagtail caches renditions by primary key, which the images of the next test have again."""
    yield
    caches["default"].clear()


@pytest.fixture(autouse=True, scope="session")
def _remembered_inspections():
    """Open each of the files of the tests in a child process once."""
    from cms.media.inspection import inspector  # The applications are not ready when this file is read.

    from .inspections import RememberedInspections

    remembered = RememberedInspections()
    inspector.run = remembered
    yield
    inspector.run = remembered.run


@pytest.fixture(autouse=True)
def _outbox(settings):
    """Send through the outbox, as outside tests; pytest-django replaces the setting. `mail.outbox` has what is sent."""
    settings.EMAIL_BACKEND = "sites.mail.outbox_backend.OutboxBackend"


@pytest.fixture
def search_index(settings, tmp_path):
    """`search_index()` brings an index of this test's own up to date with the feed; returns the engine."""
    from search.engines import (  # The applications are not ready when this file is read.
        get_or_create_live_engine,
        index_store,
    )
    from search.indexing.index_updates import apply_feed

    settings.SEARCH_FOLDER = tmp_path / "search"
    settings.ELASTICSEARCH_PREFIX = f"test-{uuid4().hex[:12]}"

    def update():
        engine = get_or_create_live_engine()
        apply_feed(engine)
        return engine

    yield update
    for name in index_store().names():
        index_store().remove(name)


@pytest.fixture
def own_files(settings, tmp_path):
    """Store files in folders of this test: other tests, which are rolled back, leave files without a row."""
    settings.MEDIA_ROOT = tmp_path / "media"
    private = storages["private"]
    folder = private._location
    _move_storage(private, tmp_path / "private")
    yield
    _move_storage(private, folder)


def _move_storage(storage, folder):
    storage._location = folder
    for cached in ("base_location", "location"):
        vars(storage).pop(cached, None)


@pytest.fixture
def commits(db, monkeypatch):
    """`with commits(): …` runs, at the end of the block, what it left for after the commit.

    Pages are published by recorded statements, unless the test has replaced a part of the code.
    """
    from .commits import run_commit_callbacks  # The applications are not ready when this file is read.

    @contextmanager
    def commits():
        yield
        run_commit_callbacks(may_repeat=not monkeypatch._setattr and not monkeypatch._setitem)

    return commits


@pytest.fixture
def background():
    """Return the runner of background tasks; all its tasks end before the test does."""
    from cms.background import background

    yield background
    background.finish()
