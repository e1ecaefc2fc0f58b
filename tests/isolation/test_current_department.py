"""Tests that every URL with an object outside the current department works for members of both and for superusers."""

import pytest
from django.urls import reverse

from sites.access.current_department import COOKIE
from tests.factories.users import make_user

from .fixture_data import MARK
from .targets import admin_targets
from .test_matrix import STOCK_ERRORS

pytestmark = pytest.mark.embedded

LOGOUT = reverse("wagtailadmin_logout")


@pytest.mark.parametrize("is_superuser", [False, True], ids=["both", "superuser"])
def test_no_url_fails_for_objects_outside_the_current_department(
    fixture_data, client, uninstrumented_templates, is_superuser
):
    groups = [] if is_superuser else ["allier:administrator", f"{MARK}:administrator"]
    client.force_login(make_user("both", groups=groups, is_superuser=is_superuser))
    client.raise_request_exception = False
    failures, requested = [], 0
    for target in admin_targets(fixture_data, "other"):
        if target.url == LOGOUT:
            continue
        client.cookies[COOKIE] = str(fixture_data.ours.department.pk)
        requested += 1
        response = client.get(target.url)
        if response.streaming:
            b"".join(response)  # Reading to the end closes the file.
        if response.status_code >= 500 and target.endpoint.name not in STOCK_ERRORS:
            failures.append(f"{target.endpoint.name} {target.url}: {response.status_code}")
    assert requested > 200
    assert not failures, "\n".join(failures)
