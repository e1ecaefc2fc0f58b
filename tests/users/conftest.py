"""Two departments, a member, and an OpenID provider in a process of its own."""

import json
import os
import socket
import subprocess
import sys
import time
from urllib.request import Request, urlopen

import pytest

from tests.factories.departments import make_department
from tests.factories.users import make_user


@pytest.fixture
def allier(db):
    return make_department("allier", code="03", locales=("fr",))


@pytest.fixture
def isere(db):
    return make_department("isere", code="38", locales=("fr",), name="Isère")


@pytest.fixture
def member(allier):
    return make_user("camille", groups=["allier:editor"])


@pytest.fixture(scope="session")
def provider_url():
    """Address of oidc-provider-mock, which answers on the loopback interface until the session ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"]},
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{url}/.well-known/openid-configuration")
        yield url
    finally:
        process.terminate()
        process.wait()


def _wait_for(url):
    for _attempt in range(200):
        try:
            urlopen(url, timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the OpenID provider did not start")


@pytest.fixture
def oidc(provider_url, settings):
    """`oidc(subject, **claims)`: store a person at the provider, which the settings name."""
    settings.OIDC = {
        "issuer": provider_url,
        "name": "ProConnect",
        "client_id": "cms",
        "client_secret": "a secret of the client",
        "scope": "openid email profile",
        "acr_values": [],
        "max_age": None,
        "second_factor_acr": ["eidas2"],
        "confirms_addresses": False,
    }

    def store(subject, **claims):
        body = json.dumps({"auth_time": int(time.time())} | claims).encode()
        headers = {"Content-Type": "application/json"}
        urlopen(Request(f"{provider_url}/users/{subject}", body, headers, method="PUT"), timeout=5).close()

    return store
