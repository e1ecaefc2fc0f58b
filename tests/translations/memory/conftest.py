"""A memory with pairs of texts, and the suggestions that it makes."""

import pytest
from wagtail.models import Locale

from cms.translations.memory.pair_storage import TextPair, store_pairs
from cms.translations.memory.signatures import Scope
from cms.translations.memory.suggestions import WantedText, find_suggestions
from cms.translations.models import MemoryPair
from tests.translations.editor.conftest import Editor


class Memory:
    """The memory of a department from French into English."""

    def __init__(self, department):
        french, english = (Locale.objects.get(language_code=code).pk for code in ("fr", "en"))
        self.scope = Scope(department.pk, french, english)

    def add(self, pairs, origin=MemoryPair.Origin.IMPORTED, content=None):
        return store_pairs(self.scope, [TextPair(*pair) for pair in pairs], origin, content)

    def suggest(self, source, target=""):
        (found,) = find_suggestions([WantedText(source, target)], self.scope)
        return found

    def texts(self, source, target=""):
        """Return the suggested texts with their percentages."""
        return [(each.target, each.percentage) for each in self.suggest(source, target)]


@pytest.fixture
def editor(client, translated, commits):
    return Editor(client, translated, commits)


@pytest.fixture
def memory(department):
    return Memory(department)


@pytest.fixture
def memory_of():
    return Memory
