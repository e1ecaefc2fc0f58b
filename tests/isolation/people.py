"""Accounts and shared values for the tests of the member screens."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from tests.factories.departments import make_department
from tests.factories.users import make_user


@pytest.fixture
def allier():
    return make_department("allier")


@pytest.fixture
def isere():
    return make_department("isere")


@pytest.fixture
def administrator(allier, client):
    user = make_user("administration", groups=["allier:administrator"])
    client.force_login(user)
    return user


def keys(*names):
    """Return the primary keys of the groups with these names."""
    return [Group.objects.get(name=name).pk for name in names]


def names_of(user):
    return set(user.groups.values_list("name", flat=True))


def url_of(name, *arguments, department="allier"):
    """Return the URL of a member screen of a department."""
    return reverse(f"team:{name}", args=[department, *arguments])
