"""The translation services that the instance offers: wagtail-localize's translators, with bounded requests.

wagtail-localize requests without a total time, follows redirects, and ignores the status of DeepL's answers.
"""

from __future__ import annotations

import json
import re
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from wagtail.models import Locale
from wagtail_localize.machine_translators.base import BaseMachineTranslator
from wagtail_localize.machine_translators.deepl import DeepLTranslator
from wagtail_localize.machine_translators.libretranslate import LibreTranslator
from wagtail_localize.strings import StringValue

from .bounded_requests import BUSY, KEY, PAIR, REFUSED, UNAVAILABLE, UNREADABLE, MachineServiceError, request_json

# Seconds of a request to Google, whose library has no limit of its own.
GOOGLE_SECONDS = 30
MAX_KEY_LENGTH = 8_000
# Keys are sent as headers.
KEY_FORM = re.compile(r"[!-~]{1,300}\Z")
# Fields of a service account that say where the library connects to. No department may choose another server.
GOOGLE_ADDRESSES = {"token_uri": "https://oauth2.googleapis.com/token", "universe_domain": "googleapis.com"}

Strings = Sequence[StringValue]
Translations = dict[StringValue, StringValue]


class _Translator(BaseMachineTranslator):
    """A translator whose answer is checked: a text for each string."""

    def translate(self, source_locale: Locale, target_locale: Locale, strings: Strings) -> Translations:
        texts = self._texts(source_locale, target_locale, strings)
        if (
            not isinstance(texts, list)
            or len(texts) != len(strings)
            or not all(isinstance(each, str) for each in texts)
        ):
            raise MachineServiceError(UNREADABLE)
        return {string: StringValue(text) for string, text in zip(strings, texts, strict=True)}

    @abstractmethod
    def _texts(self, source_locale: Locale, target_locale: Locale, strings: Strings) -> Any:
        """Return the translated texts in the order of the strings, as the service has sent them."""


class BoundedLibreTranslator(_Translator, LibreTranslator):
    """LibreTranslate, by its documented protocol."""

    def _texts(self, source_locale: Locale, target_locale: Locale, strings: Strings) -> Any:
        source, target = map(self.language_code, (source_locale.language_code, target_locale.language_code))
        data = {"q": [string.data for string in strings], "source": source, "target": target, "format": "html"}
        if key := self.options["API_KEY"]:
            data["api_key"] = key
        try:
            answer = request_json("POST", self.get_api_endpoint() + "/translate", data=data)
        except MachineServiceError as error:
            if error.code == REFUSED and not self._offers(source, target):
                raise MachineServiceError(PAIR) from None
            raise
        return answer.get("translatedText") if isinstance(answer, dict) else None

    def _offers(self, source: str, target: str) -> bool:
        """Return False if the server lists its languages, and does not translate from one into the other."""
        try:
            languages = request_json("GET", self.get_api_endpoint() + "/languages")
            targets = {each["code"]: each.get("targets") for each in languages}
        except (MachineServiceError, AttributeError, KeyError, TypeError):
            return True
        found = targets.get(source, [])
        return target in targets if found is None else target in found


class BoundedDeepLTranslator(_Translator, DeepLTranslator):
    """DeepL. Its URL is one of two, by the form of the key."""

    def _texts(self, source_locale: Locale, target_locale: Locale, strings: Strings) -> Any:
        parameters = self.get_parameters(source_locale, target_locale, strings)
        answer = request_json("POST", self.get_api_endpoint(), headers=self.get_headers(), data=parameters)
        translations = answer.get("translations") if isinstance(answer, dict) else None
        if not isinstance(translations, list):
            return None
        return [each.get("text") if isinstance(each, dict) else None for each in translations]


def _libretranslate(key: str) -> BaseMachineTranslator:
    url = settings.MACHINE_TRANSLATION["libretranslate_url"]
    return BoundedLibreTranslator({"LIBRETRANSLATE_URL": url, "API_KEY": key})


def _deepl(key: str) -> BaseMachineTranslator:
    return BoundedDeepLTranslator({"AUTH_KEY": key})


def google_options(key: str) -> dict[str, Any]:
    """Return the options of wagtail-localize's translator for the JSON of a service account. Raises ValueError.

    The URLs in it are replaced by those of Google.
    """
    account = json.loads(key)
    if not isinstance(account, dict) or not isinstance(account.get("project_id"), str):
        raise ValueError
    if not re.fullmatch(r"[a-z0-9.:-]{1,100}", account["project_id"]) or account.get("type") != "service_account":
        raise ValueError
    return {"CREDENTIALS": account | GOOGLE_ADDRESSES, "PROJECT_ID": account["project_id"]}


def _google(key: str) -> BaseMachineTranslator:
    # The library is optional.
    from wagtail_localize.machine_translators.google import GoogleCloudTranslator

    class BoundedGoogleTranslator(_Translator, GoogleCloudTranslator):
        def _texts(self, source_locale: Locale, target_locale: Locale, strings: Strings) -> Any:
            request = {
                "parent": f"projects/{self.options['PROJECT_ID']}/locations/global",
                "contents": [string.data for string in strings],
                "mime_type": "text/html",
                "source_language_code": source_locale.language_code,
                "target_language_code": target_locale.language_code,
            }
            try:
                response = self.client.translate_text(request=request, timeout=GOOGLE_SECONDS)
            except ValueError:  # The private key cannot be read.
                raise MachineServiceError(KEY) from None
            except Exception as error:  # Those of google.api_core have the status; the others are of the connection.
                raise MachineServiceError(GOOGLE_CODES.get(getattr(error, "code", None), UNAVAILABLE)) from None
            return [each.translated_text for each in response.translations]

    try:
        return BoundedGoogleTranslator(google_options(key))
    except ValueError:
        raise MachineServiceError(KEY) from None


GOOGLE_CODES: dict[Any, str] = {400: REFUSED, 401: KEY, 403: KEY, 404: REFUSED, 429: BUSY}


def is_key(key: str) -> bool:
    """Return True if a text has the form of a key of DeepL or LibreTranslate."""
    return KEY_FORM.match(key) is not None


def is_service_account(key: str) -> bool:
    """Return True if a text is the JSON of a service account of Google."""
    try:
        google_options(key)
    except (ValueError, RecursionError):
        return False
    return True


@dataclass(frozen=True)
class MachineService:
    """A service by its name in the settings. `make` returns its translator for a key."""

    name: str
    label: str
    needs_key: bool
    is_valid_key: Callable[[str], bool]
    make: Callable[[str], BaseMachineTranslator]


SERVICES = {
    service.name: service
    for service in (
        MachineService("deepl", "DeepL", True, is_key, _deepl),
        MachineService("google", "Google Translate", True, is_service_account, _google),
        MachineService("libretranslate", "LibreTranslate", False, is_key, _libretranslate),
    )
}
SERVICE_LABELS = frozenset(service.label for service in SERVICES.values())


def offered_services() -> list[MachineService]:
    """Return the services that the instance offers, in the order of the setting."""
    return [SERVICES[name] for name in settings.MACHINE_TRANSLATION["services"]]


def offered_service(name: str) -> MachineService | None:
    """Return an offered service by its name."""
    return next((service for service in offered_services() if service.name == name), None)
