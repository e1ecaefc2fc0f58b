"""System checks of `manage.py check --deploy`: encryption of connections, second factors, the file of passwords."""

from __future__ import annotations

import os
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register

# Modes of PostgreSQL in which the client refuses a connection without TLS.
ENCRYPTED_MODES = frozenset(("require", "verify-ca", "verify-full"))


@register(Tags.security, deploy=True)
def check_encrypted_connections(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Return a warning for each connection to another machine that does not require TLS."""
    return [
        checks.Warning(
            f"The connection to {what} at {host} is not encrypted.",
            hint=f"{hint}, or keep the traffic in a network that encrypts it and silence this check.",
            id="hardening.W004",
        )
        for what, host, hint in _plain_connections()
        if host and not _is_local(host)
    ]


@register(Tags.security, deploy=True)
def check_second_factor(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Return a warning if the instance requires a second factor of nobody."""
    if settings.SECOND_FACTOR_REQUIRED != "nobody":
        return []
    return [
        checks.Warning(
            "SECOND_FACTOR_REQUIRED is `nobody`: a password alone opens an account, also those of administrators.",
            hint="Set SECOND_FACTOR_REQUIRED to `everyone`, or to `administrators` at least.",
            id="hardening.W003",
        )
    ]


@register(Tags.files, deploy=True)
def check_breached_passwords(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Return an error if BREACHED_PASSWORDS_FILE cannot be read: no password could be set."""
    path = settings.BREACHED_PASSWORDS_FILE
    if not path or os.access(path, os.R_OK):
        return []
    return [
        Error(
            f"BREACHED_PASSWORDS_FILE {path} is missing, or this account may not read it.",
            hint="Download the list of Have I Been Pwned, sorted by hash, or unset the variable.",
            id="hardening.E008",
        )
    ]


def _plain_connections() -> Iterator[tuple[str, str, str]]:
    """Yield (service, host, hint) of the configured connections that may be without TLS."""
    database = settings.DATABASES["default"]
    is_encrypted = database.get("OPTIONS", {}).get("sslmode") in ENCRYPTED_MODES
    if database["ENGINE"].endswith("postgresql") and not is_encrypted:
        yield "the database", str(database.get("HOST", "")), "Add ?sslmode=verify-full to DATABASE_URL"
    if (url := urlsplit(settings.ELASTICSEARCH_URL)).scheme == "http":
        yield "Elasticsearch", url.hostname or "", "Use https:// in ELASTICSEARCH_URL"
    if (url := urlsplit(settings.REDIS_URL)).scheme in ("redis", "valkey"):
        yield "Redis", url.hostname or "", "Use rediss:// in REDIS_URL"
    if not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL):
        yield "the mail server", settings.EMAIL_HOST, "Use smtp+tls:// in EMAIL_URL"


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        # PostgreSQL takes a path as the folder of its socket.
        return host == "localhost" or host.startswith("/")
