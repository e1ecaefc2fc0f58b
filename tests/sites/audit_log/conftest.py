"""Fixtures of the tests of the audit logs: a department and its administrator."""

import pytest

from tests.factories.departments import make_department
from tests.factories.users import make_user


@pytest.fixture
def allier(db):
    return make_department("allier")


@pytest.fixture
def isere(allier):
    return make_department("isere")


@pytest.fixture
def administrator(allier):
    return make_user("administration", groups=["allier:administrator"])
