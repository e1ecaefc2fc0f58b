"""Faulty texts that were stored before they were refused are shown without the costly parser."""

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from wagtail_localize import strings
from wagtail_localize.models import StringTranslation
from wagtail_localize.strings import StringValue

from cms.translations.progress.updates import update_progress
from tests.factories.users import make_user

pytestmark = pytest.mark.embedded

NUMBER = 3_000
HOSTILE = [
    part * NUMBER
    for part in ("<!--", "<a ", "<b", "<![CDATA[", "<?x", "<b>", "</b>", "<a id='", "&#9999999999;<i", "<script>")
]


@pytest.fixture
def parsed(monkeypatch):
    """Return the lengths of the faulty texts that wagtail-localize lets BeautifulSoup parse."""
    found = []

    def recorded(markup, parser):
        if any(text in markup for text in HOSTILE):
            found.append(len(markup))
        return BeautifulSoup(markup[:1000], parser)

    monkeypatch.setattr(strings, "BeautifulSoup", recorded)
    return found


def store(translated, text, has_error):
    """Store a text as older versions did, without the checks."""
    translated.write(translated.texts)
    rows = StringTranslation.objects.filter(translation_of__data__in=["Ouvert le lundi.", "Un repas chaud par jour."])
    assert rows.update(data=text, has_error=has_error) == 2


@pytest.mark.django_db
@pytest.mark.parametrize("has_error", [True, False])
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:9])
def test_no_screen_parses_it(translated, client, parsed, text, has_error):
    store(translated, text, has_error)
    target = translated.translation.get_target_instance()
    parsed.clear()
    for role in ("translator:en", "administrator"):
        client.force_login(make_user(role, groups=[f"allier:{role}"]))
        for url in (
            reverse("wagtailadmin_pages:edit", args=[target.pk]),
            reverse("wagtail_localize:preview_translation", args=[translated.translation.pk]),
            reverse("wagtail_localize:download_pofile", args=[translated.translation.pk]),
            reverse("translation_editor", args=[translated.translation.pk]),
            reverse("translation_export", args=[translated.translation.pk, "po"]),
        ):
            assert client.get(url).status_code == 200
    update_progress(translated.translation)
    client.post(reverse("wagtailadmin_pages:edit", args=[target.pk]), {"action": "save-draft"})
    assert parsed == []


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:9])
def test_it_cannot_be_used_and_reads_as_text(text):
    with pytest.raises(ValueError, match=r"\S"):
        StringValue.from_translated_html(text)
    assert StringValue(text).render_text()[:4] == text[:4]


@pytest.mark.parametrize("text", ["Un <b>repas</b><br/>chaud", "a < b &amp; c", '<a id="a1">x</a>' * 100])
def test_other_texts_are_read_as_before(text):
    assert StringValue.from_translated_html(text).data
    assert StringValue(text).render_html({"a1": {"href": "/"}}).count("<a href") == text.count("<a id")
