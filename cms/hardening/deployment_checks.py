"""System checks of `manage.py check --deploy`: static files, compiled catalogues, the data folder, the admin's host.

Production settings refuse to start without the other parts of a deployment (`cms/settings/production.py`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register

MAX_NAMED_FILES = 3


@register(Tags.staticfiles, deploy=True)
def check_static_files(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Return an error if a static file of an application is not among the collected ones."""
    storage: Any = staticfiles_storage
    if isinstance(storage, ManifestFilesMixin):
        collected = set(storage.hashed_files)
        missing = sorted(set(_static_files()) - collected)
    else:
        missing = sorted(name for name in _static_files() if not storage.exists(name))
    if not missing:
        return []
    return [
        Error(
            f"{len(missing)} static files are not in {settings.STATIC_ROOT}, among them "
            + ", ".join(missing[:MAX_NAMED_FILES])
            + ".",
            hint="Run `manage.py collectstatic --no-input`.",
            id="hardening.E001",
        )
    ]


@register(Tags.translation, deploy=True)
def check_compiled_catalogues(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Return an error for each gettext catalogue that is not compiled."""
    return [
        Error(f"The catalogue {source} is not compiled.", hint="Run `make`.", id="hardening.E002")
        for folder in settings.LOCALE_PATHS
        for source in sorted(Path(folder).glob("*/LC_MESSAGES/*.po"))
        if not source.with_suffix(".mo").exists()
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


def _static_files() -> Iterator[str]:
    for finder in get_finders():
        for path, storage in finder.list(["CVS", ".*", "*~"]):  # the default of collectstatic
            prefix = getattr(storage, "prefix", None)
            yield f"{prefix}/{path}" if prefix else path
