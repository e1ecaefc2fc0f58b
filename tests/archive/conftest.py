"""Fixtures of the archive tests."""

import shutil
from pathlib import Path

import pytest
from django.utils import translation

from tests.factories.departments import make_department

from .archives import export, remove_files, undone
from .fixture_data import furnish


@pytest.fixture
def no_files():
    """Delete stored files before and after the test, and use English messages."""
    remove_files()
    with translation.override("en"):
        yield
    remove_files()


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """The folder of the archive that the first test exports and the following ones copy."""
    return tmp_path_factory.mktemp("exported") / "allier"


@pytest.fixture
def archive(db, no_files, tmp_path, exported):
    """Return the archive of a department with one row of each kind, which the instance no longer has."""
    if not exported.exists():
        with undone():
            department = make_department("allier", code="03", contact_email="contact@allier.example")
            furnish(department)
            export(department, exported)
    return Path(shutil.copytree(exported, tmp_path / "allier"))
