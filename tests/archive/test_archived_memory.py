"""The translation memory and the glossary in an archive."""

import pytest

from cms.archive.archive_file import ArchiveError
from cms.archive.restore.importer import import_department
from cms.translations.memory.signatures import Scope
from cms.translations.memory.suggestions import WantedText, find_suggestions
from cms.translations.models import GlossaryTerm, MemoryPair

from .archives import change_rows
from .fixture_data import NEXT_YEAR

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_files")]
FILE = "translations/memory.ndjson"


def test_the_memory_comes_back_and_is_not_shared(archive):
    department = import_department(archive).department
    human, imported = MemoryPair.objects.order_by("origin")
    assert (human.source, human.target, human.origin) == ("Salon de l’emploi", "Job fair", "human")
    assert human.content is not None
    assert (imported.content, imported.used_at) == (None, NEXT_YEAR)
    assert department.shares_translation_memory is False
    scope = Scope(department.pk, human.source_locale_id, human.target_locale_id)
    ((found,),) = find_suggestions([WantedText("Bonjour à toutes")], scope)
    assert found.target == "Hello everybody"


@pytest.mark.parametrize(
    "change",
    [{"target_locale": "xx"}, {"origin": "machine"}, {"source": "<script>x</script>"}, {"content": "x"}],
)
def test_a_pair_that_cannot_be_is_refused(archive, change):
    change_rows(archive, FILE, lambda rows: rows[0].update(change))
    with pytest.raises(ArchiveError):
        import_department(archive)
    assert not MemoryPair.objects.exists()


def test_the_glossary_comes_back(archive):
    department = import_department(archive).department
    term = GlossaryTerm.objects.get()
    assert (term.department, term.source, term.target, term.note, term.origin) == (
        department, "salon", "fair", "Not: saloon", "imported",
    )  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [{"target_locale": "xx"}, {"target_locale": "fr"}, {"origin": "x"}, {"source": ""}, {"target": "x" * 201}],
)
def test_a_term_that_cannot_be_is_refused(archive, change):
    change_rows(archive, "translations/glossary.ndjson", lambda rows: rows[0].update(change))
    with pytest.raises(ArchiveError):
        import_department(archive)
    assert not GlossaryTerm.objects.exists()
