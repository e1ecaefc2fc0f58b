"""The services of machine translation that the instance offers; docs/operations.md describes the variables."""

from importlib.util import find_spec
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from .environment import Environment

SERVICES = ("deepl", "google", "libretranslate")


def machine_translation(env: Environment) -> dict[str, Any]:
    """Return the offered services, the URL of LibreTranslate, the keys of the instance, and the limits.

    URLs come from here only: a department that named one could make the server connect to any machine.
    """
    services = env.names("MACHINE_TRANSLATORS")
    if unknown := sorted(set(services) - set(SERVICES)):
        raise ImproperlyConfigured(f"MACHINE_TRANSLATORS has {', '.join(unknown)}: there are {', '.join(SERVICES)}.")
    url = env.url("LIBRETRANSLATE_URL", default="")
    if "libretranslate" in services and not url:
        raise ImproperlyConfigured("MACHINE_TRANSLATORS has libretranslate: LIBRETRANSLATE_URL must say where it is.")
    if "google" in services and not _has_google():
        raise ImproperlyConfigured("MACHINE_TRANSLATORS has google: the library google-cloud-translate is missing.")
    return {
        "services": services,
        "libretranslate_url": url,
        "keys": {
            "deepl": env.text("DEEPL_KEY", default=""),
            "google": env.text("GOOGLE_KEY", default=""),
            "libretranslate": env.text("LIBRETRANSLATE_KEY", default=""),
        },
        "characters_per_draft": env.positive_number("MACHINE_CHARACTERS_PER_DRAFT", default=100_000),
        "characters_per_day": env.positive_number("MACHINE_CHARACTERS_PER_DAY", default=500_000),
    }


def _has_google() -> bool:
    try:
        return find_spec("google.cloud.translate") is not None
    except ModuleNotFoundError:
        return False
