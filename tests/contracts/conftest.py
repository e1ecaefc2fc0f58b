"""The published sample pages, and the comparison of answers with golden files."""

import datetime
import difflib
import json
from pathlib import Path
from unittest.mock import patch

import pytest
import time_machine
from django.db import transaction
from django.test import TestCase, override_settings

from cms.delivery.models import PublicationState
from tests.commits import drop_commit_callbacks

from .samples import publish_samples

GOLDEN = Path(__file__).parent
NOW = datetime.datetime(2026, 1, 12, 8, 30, tzinfo=datetime.UTC)


def pytest_addoption(parser):
    parser.addoption(
        "--accept-contracts",
        action="store_true",
        help="write what the API answers into tests/contracts/*.json instead of comparing",
    )


@pytest.fixture(scope="module")
def samples(django_db_setup, django_db_blocker, tmp_path_factory):
    """Return the sample pages by name (see `publish_samples`), in a transaction that ends with the module's tests."""
    # An empty folder, since storage adds a random suffix to a name that exists already.
    media = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media"))
    clock = time_machine.travel(NOW, tick=False)
    token = patch("cms.media.uploads.file_paths.new_token", return_value="TOKEN")  # of the paths of files
    with django_db_blocker.unblock(), media, clock, token, transaction.atomic():
        with TestCase.captureOnCommitCallbacks(execute=True):
            pages = publish_samples()
        # The callbacks have run, and a later `commits()` block must not run them again.
        drop_commit_callbacks()
        # A page whose document cannot be written answers 404, which does not say why.
        errors = PublicationState.objects.exclude(error="").values_list("page_id", "error")
        assert {page.document_type: error for pk, error in errors for page in pages.values() if page.pk == pk} == {}
        yield pages
        transaction.set_rollback(True)


@pytest.fixture
def assert_golden(request):
    """Return a function (name, response) that fails if a JSON answer differs from the golden file, in keys or order."""
    # The option exists only if pytest was started with this folder's conftest.
    is_accepted = request.config.getoption("accept_contracts", default=False)

    def assert_golden(name, response):
        file = GOLDEN / f"{name}.json"
        answer = json.dumps(json.loads(response.content), ensure_ascii=False, indent=2) + "\n"
        if is_accepted:
            file.write_text(answer, encoding="utf-8")
            return
        golden = file.read_text(encoding="utf-8") if file.exists() else ""
        if answer != golden:
            difference = difflib.unified_diff(
                golden.splitlines(), answer.splitlines(), file.name, "the API's answer", lineterm=""
            )
            pytest.fail(
                "\n".join(difference) + "\n\nIf this is meant: make contracts, and read the diff.", pytrace=False
            )

    return assert_golden
