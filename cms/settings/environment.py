"""Typed reading of environment variables. An error names the variable and the expected form, and not the value.

django-environ parses the URLs. Used alone, it reads `DEBUG=ture` as false, accepts `DATABASE_URL=foo`, and takes a
secret that starts with `$` as the name of another variable, which its error message contains.
"""

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import environ
import limits
from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")

TRUE = frozenset({"true", "yes", "on", "1"})
FALSE = frozenset({"false", "no", "off", "0"})
# The largest number that a variable may have.
MAXIMUM = 1_000_000


class Environment:
    """The variables of a process.

    An unset or empty variable has its default value. `NAME_FILE` may contain the path of a file with the value of
    `NAME` (container secrets). Every method raises ImproperlyConfigured for a malformed value.
    """

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self._variables = environ.FileAwareEnv.ENVIRON if variables is None else variables

    def is_set(self, name: str) -> bool:
        """Return True if the variable has a value."""
        return bool(self._variables.get(name, "").strip())

    def text(self, name: str, default: str) -> str:
        return self._read(name, "text", str, default)

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        def parse(value: str) -> str:
            if value not in choices:
                raise ValueError
            return value

        return self._read(name, "one of " + ", ".join(choices), parse, default)

    def boolean(self, name: str, default: bool) -> bool:
        def parse(value: str) -> bool:
            if value.lower() not in TRUE | FALSE:
                raise ValueError
            return value.lower() in TRUE

        return self._read(name, "true or false", parse, default)

    def positive_number(self, name: str, default: int) -> int:
        def parse(value: str) -> int:
            if (number := int(value)) < 1:
                raise ValueError
            return number

        return self._read(name, "a whole number above 0", parse, default)

    def names(self, name: str) -> list[str]:
        """Return a list of names separated by commas, without the spaces around them."""

        def parse(value: str) -> list[str]:
            names = [part.strip() for part in value.split(",")]
            if not all(names) or any(name.split() != [name] for name in names):
                raise ValueError
            return names

        return self._read(name, "names separated by commas", parse, [])

    def number(self, name: str, default: int) -> int:
        """Return a whole number from 0 to MAXIMUM."""

        def parse(value: str) -> int:
            if not value.isascii() or not value.isdecimal() or int(value) > MAXIMUM:
                raise ValueError
            return int(value)

        return self._read(name, f"a whole number from 0 to {MAXIMUM}", parse, default)

    def networks(self, name: str) -> list[str]:
        """Return IP addresses and networks (CIDR), and the word "unix", as they are written."""

        def parse(value: str) -> list[str]:
            names = [part.strip() for part in value.split(",")]
            for network in names:
                if network != "unix":
                    ip_network(network)
            return names

        return self._read(name, "addresses or networks such as 10.0.0.0/8, or unix, separated by commas", parse, [])

    def rates(self, name: str, default: dict[str, str]) -> dict[str, str]:
        """Return the default rates with those of the variable: `search.client=120/minute, reset.client=off`."""

        def parse(value: str) -> dict[str, str]:
            rates = dict(part.strip().split("=") for part in value.split(","))
            if not rates.keys() <= default.keys():
                raise ValueError
            for rate in rates.values():
                if rate != "off":
                    limits.parse(rate)
            return default | rates

        expected = "NAME=NUMBER/PERIOD, separated by commas, with names of docs/operations.md"
        return self._read(name, expected, parse, default)

    def redis(self, name: str) -> str:
        """Return the URL of a Redis server, "" for none."""

        def parse(value: str) -> str:
            parts = urlsplit(value)
            has_server = parts.path if parts.scheme == "redis+unix" else parts.hostname and (parts.port or True)
            if parts.scheme not in {"redis", "rediss", "redis+unix"} or not has_server:
                raise ValueError
            return value

        return self._read(name, "redis://HOST:PORT/NUMBER, rediss://… or redis+unix:///PATH", parse, "")

    def folder(self, name: str, default: Path) -> Path:
        def parse(value: str) -> Path:
            path = Path(value).expanduser()
            if not path.is_absolute() or (path.exists() and not path.is_dir()):
                raise ValueError
            return path

        return self._read(name, "the absolute path of a folder", parse, default)

    def host(self, name: str, default: str) -> str:
        """Return a host name in lower case, without scheme, port and path."""

        def parse(value: str) -> str:
            if not re.fullmatch(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*", value):
                raise ValueError
            return value.lower()

        return self._read(name, "a host name without scheme, port and path", parse, default)

    def url(self, name: str, default: str, *, keep_slash: bool = False) -> str:
        """Return an absolute http(s) URL without a final slash; with `keep_slash` as it is (an OpenID issuer)."""

        def parse(value: str) -> str:
            parts = urlsplit(value)
            if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
                raise ValueError
            return value if keep_slash else value.rstrip("/")

        return self._read(name, "an http:// or https:// URL", parse, default)

    def url_prefix(self, name: str, default: str) -> str:
        """Return the prefix of file URLs: a path, or an http(s) URL with a path, that ends with a slash."""

        def parse(value: str) -> str:
            has_valid_start = value.startswith(("/", "http://", "https://"))
            # `/` alone is the prefix of all URLs, not only of files.
            if not (value.endswith("/") and has_valid_start and urlsplit(value).path.strip("/")):
                raise ValueError
            return value

        return self._read(name, "a path such as /media/, alone or after http(s)://HOST, ending with /", parse, default)

    def location(self, name: str, default: str) -> str:
        """Return a path that starts and ends with a slash."""

        def parse(value: str) -> str:
            if not re.fullmatch("/(?:[A-Za-z0-9_.-]+/)+", value):
                raise ValueError
            return value

        return self._read(name, "a path that starts and ends with /", parse, default)

    def database(self, name: str, default: Path) -> dict[str, Any]:
        """Return Django's settings of a PostgreSQL or SQLite database, the two on which the tests run.

        `default` is the path of an SQLite database.
        """

        def parse(value: str) -> dict[str, Any]:
            if urlsplit(value).scheme not in {"postgres", "postgresql", "sqlite"}:
                raise ValueError
            settings: dict[str, Any] = environ.Env.db_url_config(value)
            if not settings["NAME"] or settings["NAME"] == ":memory:":
                raise ValueError
            return settings

        expected = "postgresql://USER:PASSWORD@HOST:PORT/NAME or sqlite:////ABSOLUTE/PATH"
        sqlite = {"ENGINE": environ.Env.DB_SCHEMES["sqlite"], "NAME": str(default)}
        return self._read(name, expected, parse, sqlite)

    def email(self, name: str, default: str) -> dict[str, Any]:
        """Return Django's `EMAIL_…` settings."""

        def parse(value: str) -> dict[str, Any]:
            settings: dict[str, Any] = environ.Env.email_url_config(value)
            return settings

        expected = "smtp+tls://USER:PASSWORD@HOST:PORT, consolemail:// or dummymail://"
        return self._read(name, expected, parse, parse(default))

    def _read(self, name: str, expected: str, parse: Callable[[str], T], default: T) -> T:
        value = self._variables.get(name, "").strip()
        if not value:
            return default
        try:
            return parse(value)
        except (ValueError, KeyError, ImproperlyConfigured):
            # The message of a parser may contain a password.
            raise ImproperlyConfigured(f"{name} is malformed: expected {expected}.") from None
