"""Settings refuse what would harm, and name the variable at fault."""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from wagtail.models import Site

from cms.hardening.deployment_checks import check_compiled_catalogues, check_migrations, check_site_urls
from cms.settings import base
from cms.settings.environment import Environment
from tests.factories.departments import make_department

TOP = Path(__file__).resolve().parents[2]
SECRET = "0123456789" * 5
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "cms.settings.production",
    "SECRET_KEY": SECRET,
    "ALLOWED_HOSTS": "metiers.example.org, emplois.example.org",
    "PUBLIC_BASE_URL": "https://metiers.example.org",
    "ADMIN_HOST": "metiers.example.org",
    "DATABASE_URL": "postgresql://cms:secret@db.example.org/cms",
    "EMAIL_URL": "smtp+tls://user:secret@mail.example.org:587",
    "EMAIL_FROM": "metiers@example.org",
    "SECOND_FACTOR_REQUIRED": "administrators",
}


def python(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A process of its own: settings are read once per process."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT") if name in os.environ}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=TOP,
        env=kept | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def load(**variables: str) -> subprocess.CompletedProcess[str]:
    return python("-c", "from django.conf import settings; print(settings.ALLOWED_HOSTS, settings.DEBUG)", **variables)


def test_production_starts_with_all_required_settings():
    answer = load(**PRODUCTION)

    assert answer.stdout.strip() == "['metiers.example.org', 'emplois.example.org'] False", answer.stderr


@pytest.fixture
def migrated(db):
    """The URL of the database of this test."""
    details = {key: quote(str(value), safe="") for key, value in connection.settings_dict.items()}
    if connection.vendor == "sqlite":
        return f"sqlite:///{connection.settings_dict['NAME']}"
    return "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**details)


@pytest.fixture
def collected(tmp_path, migrated):
    """Variables of a deployment whose static files are collected and whose database is migrated."""
    variables = PRODUCTION | {"DATA_DIR": str(tmp_path), "DATABASE_URL": migrated}
    answer = python("manage.py", "collectstatic", "--no-input", "--verbosity", "0", **variables)
    assert answer.returncode == 0, answer.stderr
    return variables


@pytest.mark.embedded
def test_a_deployment_passes_the_checks_and_they_name_what_is_missing(collected, tmp_path):
    check = ("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    answer = python(*check, **collected)
    assert answer.returncode == 0, answer.stderr

    manifest = tmp_path / "static" / "staticfiles.json"
    whole = manifest.read_text()
    manifest.write_text(whole.replace("reader/reader.css", "reader/other.css"))
    unsafe = {
        "ADMIN_HOST": "",
        "SECOND_FACTOR_REQUIRED": "nobody",
        "ELASTICSEARCH_URL": "http://search.example.org:9200",
        "REDIS_URL": "redis://counts.example.org:6379/0",
        "EMAIL_URL": "smtp://user:secret@mail.example.org:25",
        "BREACHED_PASSWORDS_FILE": str(tmp_path / "no-file"),
        "HSTS_SUBDOMAINS": "false",
    }
    answer = python(*check, **collected | unsafe)
    assert answer.returncode == 1
    for host in ("search.example.org", "counts.example.org", "mail.example.org"):
        assert f"at {host} is not encrypted" in answer.stderr
    assert "SECOND_FACTOR_REQUIRED is `nobody`" in answer.stderr
    assert "BREACHED_PASSWORDS_FILE" in answer.stderr
    assert "SECURE_HSTS_INCLUDE_SUBDOMAINS" in answer.stderr
    assert "1 static files are not in" in answer.stderr
    assert "reader/reader.css" in answer.stderr
    assert "ADMIN_HOST is not set" in answer.stderr

    manifest.write_text(whole)
    (tmp_path / "static" / "reader" / "search.js").write_text("older")
    answer = python(*check, **collected)
    assert "1 static files are in an older state in" in answer.stderr
    assert "reader/search.js" in answer.stderr

    manifest.unlink()
    assert f"The manifest {manifest} is missing" in python(*check, **collected).stderr

    answer = python(
        *check, **collected | {"DATA_DIR": str(tmp_path / "none"), "DATABASE_URL": f"sqlite:///{tmp_path / 'empty'}"}
    )
    assert "DATA_DIR" in answer.stderr
    assert "static files are not in" in answer.stderr
    assert "migrations are not applied" in answer.stderr
    assert "manage.py migrate" in answer.stderr


CATALOGUE = """msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgid "Page"
msgstr "Seite"

msgctxt "verb"
msgid "Page"
msgstr ""

#, fuzzy
msgid "Guess"
msgstr "Raten"

msgid "%(n)d page"
msgid_plural "%(n)d pages"
msgstr[0] "%(n)d Seite"
msgstr[1] "%(n)d Seiten"
"""


def test_the_deployment_checks_name_a_catalogue_that_is_missing_or_stale(tmp_path, settings):
    source = tmp_path / "de" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text(CATALOGUE)
    settings.LOCALE_PATHS = [tmp_path]

    def found():
        return [(error.id, error.msg) for error in check_compiled_catalogues(None)]

    assert found() == [("hardening.E002", f"The catalogue {source} is not compiled.")]
    compiled = source.with_suffix(".mo")
    with source.open("rb") as file, compiled.open("wb") as output:
        write_mo(output, read_po(file))
    os.utime(source)  # A newer file with the same messages is not stale.
    assert found() == []
    for changed in (
        CATALOGUE.replace("Seiten", "Blätter"),
        CATALOGUE.replace('msgstr "Seite"', 'msgstr ""'),
        CATALOGUE + '\nmsgid "New"\nmsgstr "Neu"\n',
    ):
        source.write_text(changed)
        assert found() == [("hardening.E005", f"1 messages of {source} differ from its compiled catalogue.")]
    compiled.write_bytes(b"")
    assert [number for number, _message in found()] == ["hardening.E005"]


def test_the_catalogues_of_the_product_are_compiled():
    assert check_compiled_catalogues(None) == []


@pytest.mark.django_db
def test_the_deployment_checks_name_migrations_that_are_not_applied():
    assert check_migrations(None) == []
    connection.cursor().execute("DELETE FROM django_migrations WHERE app = 'cms_search' AND name LIKE '%0002%'")
    [error] = check_migrations(None)
    assert error.id == "hardening.E007"
    assert "cms_search.0002" in error.msg


def test_the_deployment_checks_name_a_database_that_does_not_answer(monkeypatch):
    def away(*args):
        raise OperationalError

    monkeypatch.setattr("cms.hardening.deployment_checks.MigrationLoader", away)
    assert [error.id for error in check_migrations(None)] == ["hardening.E006"]


@pytest.mark.django_db
def test_the_deployment_checks_name_sites_without_https(settings):
    make_department("allier", code="03")
    assert check_site_urls(None) == []
    settings.WAGTAILADMIN_BASE_URL = "https://admin.example.test"
    [warning] = check_site_urls(None)
    assert "http://allier.example.test" in warning.msg
    Site.objects.filter(hostname="allier.example.test").update(port=443)
    assert check_site_urls(None) == []


def test_the_command_line_uses_production_settings_and_names_all_that_is_missing():
    answer = python("manage.py", "check")

    assert answer.returncode == 1
    for name in ("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "PUBLIC_BASE_URL", "EMAIL_URL", "EMAIL_FROM"):
        assert f"{name} must " in answer.stderr
    assert "export DJANGO_SETTINGS_MODULE=cms.settings.dev" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        pytest.param({"SECRET_KEY": ""}, "SECRET_KEY", id="default secret"),
        pytest.param({"SECRET_KEY": SECRET[:-1]}, "SECRET_KEY", id="short secret"),
        pytest.param({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS", id="no host"),
        pytest.param({"ALLOWED_HOSTS": "cms.example.org,*"}, "ALLOWED_HOSTS", id="any host"),
        pytest.param({"DEBUG": "true"}, "DEBUG", id="debug"),
        pytest.param({"DATABASE_URL": ""}, "DATABASE_URL", id="default database"),
        pytest.param({"PUBLIC_BASE_URL": "", "ADMIN_HOST": ""}, "PUBLIC_BASE_URL", id="default address"),
        pytest.param({"PUBLIC_BASE_URL": "http://metiers.example.org"}, "PUBLIC_BASE_URL", id="address without TLS"),
        pytest.param(
            {"PUBLIC_BASE_URL": "https://127.0.0.1", "ADMIN_HOST": ""}, "PUBLIC_BASE_URL", id="address of this machine"
        ),
        pytest.param({"EMAIL_URL": ""}, "EMAIL_URL", id="default mail"),
        pytest.param({"EMAIL_URL": "consolemail://"}, "EMAIL_URL", id="mail in the log"),
        pytest.param({"EMAIL_URL": "dummymail://"}, "EMAIL_URL", id="mail that is dropped"),
        pytest.param({"EMAIL_FROM": ""}, "EMAIL_FROM", id="no sender"),
        pytest.param(
            {"ADMIN_HOST": "other.example.org", "PUBLIC_BASE_URL": "https://other.example.org"},
            "ADMIN_HOST",
            id="host of the admin that is not answered",
        ),
        pytest.param({"ADMIN_HOST": "emplois.example.org"}, "PUBLIC_BASE_URL", id="links to another host"),
    ],
)
def test_production_refuses_to_start(variables, named):
    answer = load(**PRODUCTION | variables)

    assert answer.returncode != 0
    assert answer.stderr.splitlines()[-1].startswith(f"django.core.exceptions.ImproperlyConfigured: {named} must ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ADMIN_HOST", "https://hidden"),
        ("DATABASE_URL", "mysql://user:hidden@host/name"),
        ("DATABASE_URL", "postgresql://user:hidden@host:port/name"),
        ("DATABASE_URL", "postgresql://user:hidden@host"),
        ("DATA_DIR", "relative/hidden"),
        ("DEBUG", "hidden"),
        ("ELASTICSEARCH_URL", "hidden:9200"),
        ("EMAIL_URL", "pigeon://hidden"),
        ("LOG_LEVEL", "hidden"),
        ("MEDIA_URL", "/hidden"),
        ("MEDIA_URL", "https://hidden/"),
        ("MEDIA_INTERNAL_LOCATION", "/hidden"),
        ("PUBLIC_BASE_URL", "hidden.example.org"),
        ("RATE_LIMITS", "hidden=3/hour"),
        ("RATE_LIMITS", "search.client=hidden"),
        ("READER_PATH_PREFIX", "hidden"),
        ("REDIS_URL", "https://hidden"),
        ("SEARCH_ENGINE", "hidden"),
        ("SEARCH_UPDATES", "hidden"),
        ("TASKS_BACKEND", "hidden"),
        ("TRUST_FORWARDED_PROTO", "hidden"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,hidden"),
        ("WEB_CONCURRENCY", "-1hidden"),
        ("ALLOWED_HOSTS", "one,,hidden"),
    ],
)
def test_a_malformed_variable_is_named_and_its_value_is_not_shown(name, value):
    answer = load(**PRODUCTION | {name: value})

    assert f"ImproperlyConfigured: {name} is malformed: expected " in answer.stderr
    assert "hidden" not in answer.stderr


def test_elasticsearch_is_not_chosen_without_its_url():
    answer = load(**PRODUCTION | {"SEARCH_ENGINE": "elasticsearch"})

    assert "ELASTICSEARCH_URL must say where it is" in answer.stderr


def test_the_operation_guide_lists_every_variable():
    guide = (TOP / "docs" / "operations.md").read_text(encoding="utf-8")
    source = (TOP / "cms" / "settings" / "base.py").read_text(encoding="utf-8")
    read = re.findall(r'= env\.\w+\(\s*"(\w+)"', source)

    assert len(read) > 10
    assert [name for name in read if f"| `{name}` |" not in guide] == []


def test_the_operation_guide_lists_every_rate_limit():
    guide = (TOP / "docs" / "operations.md").read_text(encoding="utf-8")
    documented = dict(re.findall(r"^\| `(\w+\.\w+)` \| ([^|]+) \|", guide, flags=re.MULTILINE))

    assert documented == base.RATE_LIMITS


def test_a_rate_limit_can_be_changed():
    default = {"a.client": "1/hour", "b.client": "2/hour"}

    assert Environment({"X": "b.client=off, a.client=3/15 minutes"}).rates("X", default) == {
        "a.client": "3/15 minutes",
        "b.client": "off",
    }


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        pytest.param({"WEB_CONCURRENCY": "4"}, "cms_sites.E042", id="processes that count apart"),
        pytest.param({"WEB_CONCURRENCY": "4", "REDIS_URL": "redis://127.0.0.1:6379/0"}, "", id="shared counts"),
        pytest.param({"TRUST_FORWARDED_PROTO": "true"}, "cms_sites.W043", id="a proxy that nobody trusts"),
        pytest.param({"TRUST_FORWARDED_PROTO": "true", "TRUSTED_PROXIES": "unix"}, "", id="a trusted proxy"),
    ],
)
def test_the_deployment_checks_know_processes_and_proxies(variables, named, tmp_path):
    variables |= {"DATA_DIR": str(tmp_path)}
    answer = python("manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION | variables)

    found = {name for name in ("cms_sites.E042", "cms_sites.W043") if name in answer.stderr}
    assert found == ({named} if named else set()), answer.stderr


def test_an_empty_variable_counts_as_unset():
    assert Environment({"X": " "}).boolean("X", default=True) is True


def test_a_secret_that_starts_with_a_dollar_is_itself():
    assert Environment({"X": "$ecret"}).text("X", default="") == "$ecret"


@pytest.mark.parametrize(("value", "expected"), [("true", True), ("Yes", True), ("0", False), ("OFF", False)])
def test_booleans(value, expected):
    assert Environment({"X": value}).boolean("X", default=not expected) is expected


def test_a_database_is_postgresql_or_sqlite():
    read = Environment({"X": "postgresql://user:p%40ss@host:5433/name"}).database("X", default=Path("unused"))

    assert read["ENGINE"] == "django.db.backends.postgresql"
    assert (read["NAME"], read["USER"], read["PASSWORD"]) == ("name", "user", "p@ss")
    assert (read["HOST"], read["PORT"]) == ("host", 5433)


def test_the_default_database_may_lie_in_a_folder_with_any_name():
    file = Path("/some where/50%+/db.sqlite3")

    assert Environment({}).database("X", default=file)["NAME"] == str(file)


def test_an_in_memory_database_is_refused():
    with pytest.raises(ImproperlyConfigured, match="X is malformed"):
        Environment({"X": "sqlite://"}).database("X", default=Path("unused"))
