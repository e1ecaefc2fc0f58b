"""The translators, against a server with LibreTranslate's protocol: answers, errors, limits, and secret keys."""

import json
import logging
import time

import pytest
from wagtail.models import Locale
from wagtail_localize.strings import StringValue

from cms.translations.machine import bounded_requests
from cms.translations.machine.bounded_requests import MachineServiceError
from cms.translations.machine.services import SERVICES, BoundedDeepLTranslator, google_options, is_service_account

from .libretranslate import Answer

KEY = "s3cret-key-of-a-department"
STRINGS = [StringValue("Bonjour"), StringValue('<a id="a1">Lien</a> <b>gras</b>')]


@pytest.fixture
def locales():
    return [Locale(language_code=code) for code in ("fr", "it")]


def translate(locales, key=""):
    return SERVICES["libretranslate"].make(key).translate(*locales, STRINGS)


def error_of(locales, key=""):
    with pytest.raises(MachineServiceError) as caught:
        translate(locales, key)
    return caught.value


def test_texts_are_sent_as_html_with_the_key_and_come_back_in_their_order(server, locales):
    server.keys = {KEY}
    found = translate(locales, KEY)
    assert [found[string].data for string in STRINGS] == ["it Bonjour", 'it <a id="a1">Lien</a> <b>gras</b>']
    assert server.requests == [
        {"q": [string.data for string in STRINGS], "source": "fr", "target": "it", "format": "html", "api_key": KEY}
    ]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(400, {"error": "Invalid request"}), "refused"),
        (Answer(403, {"error": "Invalid API key"}), "key"),
        (Answer(429, {"error": "Slowdown"}), "busy"),
        (Answer(500, {"error": "Cannot translate text"}), "unavailable"),
        (Answer(502, "<html>Bad gateway</html>"), "unavailable"),
        (Answer(200, "<html>Bonjour</html>"), "unreadable"),
        (Answer(200, '{"translatedText": ["a",'), "unreadable"),
        (Answer(200, "[" * 100_000), "unreadable"),
        (Answer(200, {"translatedText": ["only one"]}), "unreadable"),
        (Answer(200, {"translatedText": ["a", "b", "c"]}), "unreadable"),
        (Answer(200, {"translatedText": "ab"}), "unreadable"),
        (Answer(200, {"translatedText": ["a", None]}), "unreadable"),
        (Answer(200, ["a", "b"]), "unreadable"),
        (Answer(302, "", {"Location": "http://127.0.0.1:1/"}), "unreadable"),
        (Answer(307, "", {"Location": "/languages"}), "unreadable"),
    ],
)
def test_every_other_answer_is_an_error_with_a_code(server, locales, answer, code):
    server.answers = [answer]
    assert error_of(locales).code == code
    assert len(server.requests) == 1, "no redirect is followed"


@pytest.mark.parametrize(
    ("value", "seconds"), [("7", 7), ("0.5", 1), ("-3", 0), ("100000", 3600), ("nan", 0), ("inf", 0), ("later", 0)]
)
def test_a_service_may_ask_for_a_pause(server, locales, value, seconds):
    server.answers = [Answer(429, "", {"Retry-After": value})]
    assert error_of(locales).retry_after == seconds


def test_a_server_that_is_away_is_an_error(server, locales, settings):
    settings.MACHINE_TRANSLATION["libretranslate_url"] = "http://127.0.0.1:1"
    assert error_of(locales).code == "unavailable"


def test_a_slow_or_endless_answer_ends(server, locales, monkeypatch):
    monkeypatch.setattr(bounded_requests, "TOTAL_SECONDS", 0.3)
    server.answers = [Answer(200, {"translatedText": ["a" * 1_000, "b"]}, pause=0.05)]
    start = time.monotonic()
    assert error_of(locales).code == "unavailable"
    assert time.monotonic() - start < 2
    monkeypatch.setattr(bounded_requests, "TOTAL_SECONDS", 60)
    monkeypatch.setattr(bounded_requests, "SILENT_SECONDS", 0.2)
    server.answers = [Answer(200, {"translatedText": ["a", "b"]}, pause=1)]
    assert error_of(locales).code == "unavailable"
    monkeypatch.setattr(bounded_requests, "MAX_BYTES", 1_000)
    monkeypatch.setattr(bounded_requests, "SILENT_SECONDS", 5)
    server.answers = [Answer(200, {"translatedText": ["a" * 2_000, "b"]})]
    assert error_of(locales).code == "unreadable"


def test_a_pair_of_languages_that_the_server_does_not_list_is_named(server, locales):
    server.pairs["fr"] = ["en"]
    assert error_of(locales).code == "pair"
    assert not SERVICES["libretranslate"].make("").can_translate(locales[0], locales[0])


def test_the_key_is_in_no_error_and_no_log(server, locales, caplog):
    caplog.set_level(logging.DEBUG)
    server.keys = {"another"}
    errors = [error_of(locales, KEY)]  # The server repeats the key in its answer.
    server.answers = [Answer(200, json.dumps(KEY)), Answer(500, KEY)]
    errors += [error_of(locales, KEY), error_of(locales, KEY)]
    for error in errors:
        assert KEY not in repr(error)
        assert error.__cause__ is None
        assert error.__suppress_context__ or error.__context__ is None
    assert KEY not in caplog.text


def test_deepl_gets_its_documented_request(server, locales, monkeypatch):
    monkeypatch.setattr(BoundedDeepLTranslator, "get_api_endpoint", lambda self: server.url + "/v2/translate")
    received = []
    server.before = received.append
    server.requests.clear()
    server.answers = [Answer(200, {"translations": [{"text": "Ciao"}, {"text": '<a id="a1">L</a> <b>g</b>'}]})]
    translator = SERVICES["deepl"].make(KEY)
    found = translator.translate(*locales, STRINGS)
    assert [found[string].data for string in STRINGS] == ["Ciao", '<a id="a1">L</a> <b>g</b>']
    (body,) = received
    assert (body["text"], body["source_lang"], body["target_lang"], body["tag_handling"]) == (
        [string.data for string in STRINGS], "FR", "IT", "xml",
    )  # fmt: skip
    for status, code in ((403, "key"), (456, "quota"), (429, "busy"), (529, "unavailable")):
        server.answers = [Answer(status, {"message": "no"})]
        with pytest.raises(MachineServiceError) as caught:
            translator.translate(*locales, STRINGS)
        assert caught.value.code == code
    for broken in ({"translations": "ab"}, {"translations": ["a", "b"]}, {"translations": [{"text": "a"}]}, {}):
        server.answers = [Answer(200, broken)]
        with pytest.raises(MachineServiceError) as caught:
            translator.translate(*locales, STRINGS)
        assert caught.value.code == "unreadable"


def test_the_urls_of_deepl_are_fixed():
    assert SERVICES["deepl"].make("a:fx").get_api_endpoint() == "https://api-free.deepl.com/v2/translate"
    assert SERVICES["deepl"].make("http://127.0.0.1/").get_api_endpoint() == "https://api.deepl.com/v2/translate"


def test_a_service_account_of_google_names_no_other_server():
    account = {
        "type": "service_account", "project_id": "allier", "private_key": "x", "client_email": "a@b",
        "token_uri": "http://169.254.169.254/", "universe_domain": "example.org",
    }  # fmt: skip
    credentials = google_options(json.dumps(account))["CREDENTIALS"]
    assert credentials["token_uri"] == "https://oauth2.googleapis.com/token"
    assert credentials["universe_domain"] == "googleapis.com"
    for other in ("", "[]", "1", '{"project_id": "a"}', json.dumps(account | {"project_id": "../x"}), "[" * 100_000):
        assert not is_service_account(other)


@pytest.mark.parametrize("key", ["with space", "line\nbreak", "accentué", "x" * 301, "", "tab\t"])
def test_a_key_that_cannot_be_a_header_is_none(key):
    assert not SERVICES["deepl"].is_valid_key(key)
