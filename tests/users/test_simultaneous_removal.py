"""Two sessions of an account remove its last two second factors at the same time."""

import threading

import pytest
from django.db import connection, transaction

from cms.users.models import AuthenticatorApp
from cms.users.second_factor import methods
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_factor_stays_where_one_is_required():
    user = make_user("member")
    for name in ("Téléphone", "Tablette"):
        methods.add_app(user, name, methods.new_secret(), 0)
    first, second = AuthenticatorApp.objects.values_list("pk", flat=True)
    removed, refused = threading.Event(), []

    def remove_second():
        removed.wait(10)
        try:
            methods.remove_factor(user, AuthenticatorApp, second, keeps_one=True)
        except methods.LastFactorError as error:
            refused.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=remove_second)
    thread.start()
    with transaction.atomic():
        assert methods.remove_factor(user, AuthenticatorApp, first, keeps_one=True)
        removed.set()
        thread.join(0.5)
        assert thread.is_alive()  # It waits.
    thread.join(10)
    assert len(refused) == 1
    assert user.authenticatorapps.count() == 1
