"""A request that waits for the lock of the removal of its sender finds the rights that the sender has afterwards."""

import threading
import time

import pytest
from django.contrib.auth.models import Group
from django.db import connections, transaction
from django.test import Client

from cms.users.models import User
from sites.members import membership
from sites.models import Invitation
from tests.factories.departments import make_department
from tests.factories.users import make_user


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["invite/", "people/{member}/", "people/{member}/remove/"])
def test_a_request_that_waits_for_the_removal_of_its_sender_is_refused(path):
    allier = make_department("allier")
    former, _stays = (make_user(name, groups=["allier:administrator"]) for name in ("former", "stays"))
    member = make_user("member", groups=["allier:reader"])
    client = Client()
    client.force_login(former)
    administrators = Group.objects.get(name="allier:administrator")
    answers = []

    def send():
        data = {"email": "second@example.org", "groups": [administrators.pk], "close_account": "on"}
        answers.append(client.post(f"/admin/team/allier/{path.format(member=member.pk)}", data))
        connections.close_all()

    thread = threading.Thread(target=send)
    with transaction.atomic():
        membership.remove_member(allier, User.objects.get(pk=former.pk), by=None)
        thread.start()
        time.sleep(1.5)
        assert thread.is_alive(), "the request does not wait for the lock"
    thread.join()

    assert answers[0].status_code in (302, 403)
    assert not Invitation.objects.exists()
    assert list(member.groups.values_list("name", flat=True)) == ["allier:reader"]
    assert User.objects.get(pk=member.pk).is_active
