"""The editor of a translation whose department has a glossary."""

import pytest

from cms.translations.models import GlossaryTerm
from tests.translations.editor.conftest import Editor


@pytest.fixture
def editor(client, translated, commits):
    return Editor(client, translated, commits)


@pytest.fixture
def add_term(department, english):
    """Return a function that adds a term from French into English."""

    def add(source, target, **values):
        details = {"department": department, "source_locale": department.source_locale, "target_locale": english}
        return GlossaryTerm.objects.create(**details | {"source": source, "target": target} | values)

    return add
