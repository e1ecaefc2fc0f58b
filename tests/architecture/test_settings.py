"""Settings refuse what would harm, and name the variable at fault."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from cms.hardening.deployment_checks import check_compiled_catalogues
from cms.settings import base
from cms.settings.environment import Environment

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


def test_production_starts_when_all_is_said():
    answer = load(**PRODUCTION)

    assert answer.stdout.strip() == "['metiers.example.org', 'emplois.example.org'] False", answer.stderr


@pytest.fixture
def collected(tmp_path):
    """Variables of a deployment whose static files are collected."""
    variables = PRODUCTION | {"DATA_DIR": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}"}
    answer = python("manage.py", "collectstatic", "--no-input", "--verbosity", "0", **variables)
    assert answer.returncode == 0, answer.stderr
    return variables


def test_a_deployment_passes_the_checks_and_they_name_what_is_missing(collected, tmp_path):
    check = ("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    answer = python(*check, **collected)
    assert answer.returncode == 0, answer.stderr

    manifest = tmp_path / "static" / "staticfiles.json"
    manifest.write_text(manifest.read_text().replace("reader/reader.css", "reader/other.css"))
    answer = python(*check, **collected | {"ADMIN_HOST": ""})
    assert answer.returncode == 1
    assert "1 static files are not in" in answer.stderr
    assert "reader/reader.css" in answer.stderr
    assert "ADMIN_HOST is not set" in answer.stderr

    answer = python(*check, **collected | {"DATA_DIR": str(tmp_path / "none")})
    assert "DATA_DIR" in answer.stderr
    assert "static files are not in" in answer.stderr


def test_the_deployment_checks_name_a_catalogue_that_is_not_compiled(tmp_path, settings):
    source = tmp_path / "de" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.touch()
    settings.LOCALE_PATHS = [tmp_path]

    assert str(source) in check_compiled_catalogues(None)[0].msg
    source.with_suffix(".mo").touch()
    assert check_compiled_catalogues(None) == []


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


def test_elasticsearch_is_not_chosen_without_its_address():
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
