"""The editor of one translation, as the people of its department use it."""

import pytest
from django.urls import reverse
from wagtail_localize.models import StringTranslation

from cms.translations.editor.editor_segments import editor_segments, state_digest
from cms.translations.editor.saving import CONFIRMED, DIGEST, TEXT
from tests.factories.users import make_user
from tests.rate_limit_counts import forget_counts


class Editor:
    """The editor as a person uses it. `open` and `send` return the response; `send` follows the redirect."""

    def __init__(self, client, translated, commits):
        self._client, self._commits = client, commits
        self.translation = translated.translation
        self.url = reverse("translation_editor", args=[self.translation.pk])

    def log_in(self, name, role):
        self._client.force_login(make_user(name, groups=[f"allier:{role}"]))

    def open(self, **query):
        return self._client.get(self.url, query)

    def segment(self, source):
        return next(each for each in editor_segments(self.translation) if each.source == source)

    def fields(self, texts=(), confirmed=()):
        """Return the form data that writes translations by source text, and confirms others."""
        data = {}
        for source, text in dict(texts).items():
            segment = self.segment(source)
            data |= {TEXT + segment.key: text, DIGEST + segment.key: segment.digest}
        for source in confirmed:
            segment = self.segment(source)
            data |= {
                TEXT + segment.key: segment.target, DIGEST + segment.key: segment.digest, CONFIRMED + segment.key: "1",
            }  # fmt: skip
        return data

    def send(self, data, action="save", **headers):
        data = {"state": state_digest(editor_segments(self.translation))} | data
        with self._commits():
            return self._client.post(self.url, data | {"action": action}, follow=True, **headers)

    def write(self, texts, action="save"):
        return self.send(self.fields(texts), action)

    def stored(self):
        """Return the stored translations by source text."""
        rows = StringTranslation.objects.filter(context__object_id=self.translation.source.object_id)
        return dict(rows.values_list("translation_of__data", "data"))


@pytest.fixture
def rate_limits(settings):
    """Let a test switch rates on; return them for changes."""
    settings.RATE_LIMITS = dict(settings.RATE_LIMITS)
    forget_counts()
    yield settings.RATE_LIMITS
    forget_counts()


@pytest.fixture
def editor(client, translated, commits):
    return Editor(client, translated, commits)


def messages_of(response):
    return [(message.level_tag, str(message)) for message in response.context["messages"]]
