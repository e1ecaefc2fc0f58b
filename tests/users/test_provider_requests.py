"""Tests of the requests that are sent to the OpenID provider."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from authlib.integrations.django_client import DjangoOAuth2App
from django.urls import reverse

from cms.users.single_sign_on import provider

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


@pytest.mark.parametrize(
    ("offered", "accepted"),
    [
        (["none", "HS256", "ES256", "RS256"], ["RS256", "ES256"]),
        (["none", "HS256"], ["RS256"]),
        (None, ["RS256"]),
    ],
)
def test_unsigned_tokens_and_shared_keys_are_not_accepted(oidc, monkeypatch, offered, accepted):
    metadata = {} if offered is None else {"id_token_signing_alg_values_supported": offered}
    monkeypatch.setattr(DjangoOAuth2App, "load_server_metadata", lambda self: dict(metadata))
    assert provider._client().load_server_metadata()["id_token_signing_alg_values_supported"] == accepted


def test_no_request_to_the_provider_follows_a_redirect(client, settings, oidc):
    """A provider, or somebody in between, could lead to a server of the internal network."""
    requested = []

    class Redirecting(BaseHTTPRequestHandler):
        def do_GET(self):
            requested.append(self.path)
            self.send_response(302)
            self.send_header("Location", "/internal")
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Redirecting)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        settings.OIDC = settings.OIDC | {"issuer": f"http://127.0.0.1:{server.server_port}"}
        assert client.post(reverse("single_sign_on_start")).url == reverse("wagtailadmin_login")
    finally:
        server.shutdown()
        server.server_close()
    assert requested == ["/.well-known/openid-configuration"]
