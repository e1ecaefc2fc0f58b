"""The admin answers under ASGI: no user or session is loaded in the event loop."""

import asyncio

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["wagtailadmin_home", "wagtailadmin_account", "account_security"])
def test_a_member_uses_the_admin(member, name):
    if asyncio._get_running_loop() is not None:
        pytest.skip("Playwright's event loop runs in this thread; `make test-services` has no browser")
    client = AsyncClient()
    client.force_login(member)

    async def get():
        # A failure in the event loop would never answer.
        return await asyncio.wait_for(client.get(reverse(name)), timeout=60)

    assert async_to_sync(get)().status_code == 200
