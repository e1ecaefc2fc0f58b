"""System checks of `manage.py check --deploy`: files, catalogues, migrations, URLs, the admin's host.

Production settings refuse to start without the other parts of a deployment (`cms/settings/production.py`).
"""

from __future__ import annotations

import filecmp
import os
import struct
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

from sites.models import Department

MAX_NAMED = 3
COLLECT = "Run `manage.py collectstatic --no-input`."
COMPILE = "Run `make catalogues`."


@register(Tags.staticfiles, deploy=True)
def check_static_files(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Return errors for a missing manifest, and for static files that are not collected or have changed since."""
    storage: Any = staticfiles_storage
    has_manifest = isinstance(storage, ManifestFilesMixin)
    if has_manifest and storage.read_manifest() is None:
        manifest = Path(settings.STATIC_ROOT) / storage.manifest_name
        problem = f"The manifest {manifest} is missing, so that static files are not in {settings.STATIC_ROOT}."
        return [Error(problem, hint=COLLECT, id="hardening.E001")]
    sources = dict(_static_files())
    missing = sorted(set(sources) - set(storage.hashed_files)) if has_manifest else []
    missing += [name for name in sources if name not in missing and not storage.exists(name)]
    changed = [name for name in sources if name not in missing and _differs(sources[name], storage.path(name))]
    return [
        Error(f"{len(names)} static files {what}, among them {_some(names)}.", hint=COLLECT, id=number)
        for names, what, number in (
            (missing, f"are not in {settings.STATIC_ROOT}", "hardening.E001"),
            (changed, f"are in an older state in {settings.STATIC_ROOT}", "hardening.E004"),
        )
        if names
    ]


@register(Tags.translation, deploy=True)
def check_compiled_catalogues(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Return an error for each gettext catalogue that is not compiled, or was changed after it was compiled."""
    found: list[CheckMessage] = []
    for source in sorted(path for folder in settings.LOCALE_PATHS for path in Path(folder).glob("*/LC_MESSAGES/*.po")):
        compiled = source.with_suffix(".mo")
        if not compiled.exists():
            found.append(Error(f"The catalogue {source} is not compiled.", hint=COMPILE, id="hardening.E002"))
        elif number := _number_of_stale_messages(source, compiled):
            problem = f"{number} messages of {source} differ from its compiled catalogue."
            found.append(Error(problem, hint=COMPILE, id="hardening.E005"))
    return found


# Checks of Tags.database run only if `check` names databases, which nobody does at a deployment.
@register(Tags.models, deploy=True)
def check_migrations(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Return an error if the database does not answer, or if migrations are not applied to it."""
    try:
        loader = MigrationLoader(connection)
    except DatabaseError as error:
        problem = f"The database does not answer: {type(error).__name__}."
        return [Error(problem, hint="Check DATABASE_URL and the server.", id="hardening.E006")]
    missing = loader.graph.nodes.keys() - loader.applied_migrations.keys()
    names = sorted(f"{app}.{name}" for app, name in missing)
    if not names:
        return []
    problem = f"{len(names)} migrations are not applied, among them {_some(names)}."
    return [Error(problem, hint="Run `manage.py migrate`.", id="hardening.E007")]


@register(Tags.security, deploy=True)
def check_site_urls(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Return a warning if links to the site of a department are not https, and the instance is."""
    if urlsplit(settings.WAGTAILADMIN_BASE_URL).scheme != "https":
        return []
    try:
        sites = [row.site.root_url for row in Department.objects.select_related("site").order_by("code")]
    except DatabaseError:
        return []  # `check_migrations` names the reason.
    names = [url for url in sites if not url.startswith("https://")]
    if not names:
        return []
    return [
        checks.Warning(
            f"{len(names)} sites of departments have an address without https, among them {_some(names)}.",
            hint="Run `manage.py create_department CODE … --port 443`.",
            id="hardening.W002",
        )
    ]


@register(Tags.files, deploy=True)
def check_data_folder(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Return an error if the process cannot write to the folder of its data."""
    if settings.DATA_DIR.is_dir() and os.access(settings.DATA_DIR, os.W_OK):
        return []
    return [
        Error(
            f"DATA_DIR {settings.DATA_DIR} is missing, or this account may not write to it.",
            hint="Create the folder and give it to the account that runs the product.",
            id="hardening.E003",
        )
    ]


@register(Tags.security, deploy=True)
def check_admin_host(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Return a warning if every public host serves the admin."""
    if settings.ADMIN_HOST:
        return []
    return [
        checks.Warning(
            "ADMIN_HOST is not set: every public host serves the admin and its session cookie.",
            hint="Give the admin a host of its own and set ADMIN_HOST.",
            id="hardening.W001",
        )
    ]


def _static_files() -> Iterator[tuple[str, Path]]:
    """Yield (name, file) of each static file of the applications; of a name that several have, the first counts."""
    names = set()
    for finder in get_finders():
        for path, storage in finder.list(["CVS", ".*", "*~"]):  # the default of collectstatic
            prefix = getattr(storage, "prefix", None)
            name = f"{prefix}/{path}" if prefix else path
            if name not in names:
                names.add(name)
                yield name, Path(storage.path(path))


def _differs(source: Path, collected: str) -> bool:
    return not filecmp.cmp(source, collected, shallow=False)


def _number_of_stale_messages(source: Path, compiled: Path) -> int:
    """Return how many messages differ between a catalogue and its compiled form."""
    expected = BytesIO()
    with source.open("rb") as file:
        write_mo(expected, read_po(file, ignore_obsolete=True))
    expected.seek(0)
    written = _compiled_messages(expected)
    try:
        with compiled.open("rb") as file:
            read = _compiled_messages(file)
    except (OSError, struct.error, UnicodeDecodeError):
        return max(1, len(written))
    return sum(written.get(key) != read.get(key) for key in written.keys() | read.keys())


def _compiled_messages(file: Any) -> dict[tuple[Any, ...], Any]:
    """Return {(context, message): translation} of a compiled catalogue.

    Babel stores a plural without a translation as its own translation; gettext's `msgfmt` stores none.
    """
    messages = ((message.context, _hashable(message.id), _hashable(message.string)) for message in read_mo(file))
    return {(context, name): string for context, name, string in messages if name and string not in (name, "", ("",))}


def _hashable(text: Any) -> Any:
    return tuple(text) if isinstance(text, list) else text


def _some(names: list[str]) -> str:
    return ", ".join(names[:MAX_NAMED])
