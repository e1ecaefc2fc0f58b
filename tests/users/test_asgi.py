"""The admin answers under ASGI: no user or session is loaded in the event loop."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import AsyncClient
from django.urls import reverse

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.embedded]


async def status_of(client, path):
    """Return the status of the answer. A failure in the event loop would never answer."""
    response = await asyncio.wait_for(client.get(path), timeout=60)
    # The thread of synchronous code has a connection of its own.
    await sync_to_async(connections.close_all)()
    return response.status_code


@pytest.mark.parametrize("name", ["wagtailadmin_home", "wagtailadmin_account", "account_security"])
def test_a_member_uses_the_admin(member, name):
    client = AsyncClient()
    client.force_login(member)
    # In a thread of its own: the browser tests leave an event loop in that of the tests.
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(asyncio.run, status_of(client, reverse(name))).result() == 200
