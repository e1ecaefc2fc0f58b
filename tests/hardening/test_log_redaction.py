"""No line of the log contains the token of a URL."""

import logging
import sys
import time

import pytest
from django.urls import reverse
from django.utils.module_loading import import_string

from cms.hardening.log_lines import JsonFormatter, LineFormatter
from cms.hardening.log_redaction import REDACTED, SECRET_PARAMETERS, redact, secret_url_prefixes
from tests.factories.users import make_user

from .url_paths import url_paths

pytestmark = pytest.mark.embedded

TOKEN = "c0ffee-0123456789abcdef0123456789abcdef"


def secret_paths():
    return [path for path, parameters in url_paths().items() if parameters & SECRET_PARAMETERS]


def test_every_url_with_a_secret_parameter_is_redacted():
    paths = secret_paths()
    assert any(path.startswith("/admin/password_reset/confirm/") for path in paths)
    assert any(path.startswith("/admin/invitation/") for path in paths)
    for path in paths:
        secret = path.replace("text", TOKEN)
        assert TOKEN not in redact(f"Not Found: {secret}"), path
        assert TOKEN not in redact(f'"GET {secret}?next=/ HTTP/1.1" 404'), path
        assert TOKEN not in redact(f"GET https://admin.example.org{secret}"), path
        # No URL of the product has these forms, but the token in them works.
        fixed, _token, rest = secret.partition(TOKEN)
        assert TOKEN not in redact(f"Not Found: {fixed.upper()}{TOKEN}{rest}"), path
        assert TOKEN not in redact(f"Not Found: {fixed.replace('/', '//')}{TOKEN}{rest}"), path
        encoded = "".join(f"%{ord(character):02x}" if character.isalpha() else character for character in fixed)
        assert TOKEN not in redact(f"GET {encoded}{TOKEN}{rest} HTTP/1.1"), path


@pytest.mark.parametrize("slashes", ["/", "%2f", "%2F/"])
def test_a_path_with_many_slashes_takes_no_time(slashes):
    """Such a request needs no account: 22 slashes took 14 s, and each further one doubled the time."""
    for prefix in secret_url_prefixes():
        for number in (10, 10_000):
            text = f"Not Found: /{prefix.replace('/', slashes * number)}".rstrip("/%2fF") + slashes * number
            start = time.process_time()
            redact(f"{text} x")
            redact(f"/{prefix.partition('/')[0]}{slashes * number} x")
            assert time.process_time() - start < 1


def test_other_paths_stay():
    for text in ("Not Found: /fr/salon/", "Not Found: /admin/pages/3/", "/admin/password_reset/"):
        assert redact(text) == text


@pytest.mark.django_db
def test_the_log_of_a_request_with_a_token_is_redacted(client, settings, caplog):
    """The handlers of the product all use a formatter of the product."""
    formatters = {import_string(options["()"]) for options in settings.LOGGING["formatters"].values()}
    assert formatters == {LineFormatter, JsonFormatter}
    assert {handler["formatter"] for handler in settings.LOGGING["handlers"].values()} == {"text"}
    formatter = LineFormatter()
    client.force_login(make_user("root", is_superuser=True))
    with caplog.at_level(logging.DEBUG):
        client.get(reverse("invitation_link", args=[TOKEN]) + "more/")
        client.post(reverse("wagtailadmin_password_reset_confirm", args=["MQ", TOKEN]) + "more/")
    lines = [formatter.format(record) for record in caplog.records]
    assert any(TOKEN in record.getMessage() for record in caplog.records)
    assert any(REDACTED in line for line in lines)
    assert not any(TOKEN in line for line in lines)


def test_a_traceback_is_redacted():
    try:
        raise ValueError(reverse("invitation_link", args=[TOKEN]))
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "x", 1, "failed", None, None)
        record.exc_info = sys.exc_info()
    assert TOKEN not in LineFormatter().format(record)
