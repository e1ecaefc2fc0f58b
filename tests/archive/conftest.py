"""Fixtures of the commands' tests."""

import pytest
from django.utils import translation

from tests.factories.departments import make_department

from .archives import export, remove_files, undone
from .fixture_data import furnish


@pytest.fixture
def no_files():
    """Empty folders of media before and after, and English refusals."""
    remove_files()
    with translation.override("en"):
        yield
    remove_files()


@pytest.fixture
def archive(db, no_files, tmp_path):
    """The archive of a furnished department that is not on the instance any more."""
    with undone():
        department = make_department("allier", code="03", contact_email="contact@allier.example")
        furnish(department)
        return export(department, tmp_path / "allier")
