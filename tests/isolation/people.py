"""Accounts of the screens for people, and the words that their tests share."""

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
    """Primary keys of the groups of these names."""
    return [Group.objects.get(name=name).pk for name in names]


def names_of(user):
    return set(user.groups.values_list("name", flat=True))


def address(name, *arguments, department="allier"):
    """Address of a screen for the people of a department."""
    return reverse(f"team:{name}", args=[department, *arguments])
