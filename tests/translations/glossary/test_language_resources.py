"""Memories and glossaries as files: on the screen, by commands, and what is refused."""

from io import BytesIO, StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import translation as languages

from cms.delivery.models import PublishedDocument
from cms.pages.models import ProfessionPage
from cms.translations.exchange import tbx, tmx
from cms.translations.glossary import language_resources, resource_views
from cms.translations.glossary.language_resources import read_glossary, read_memory, write_glossary, write_memory
from cms.translations.memory.pair_storage import TextPair, store_pairs
from cms.translations.memory.signatures import Scope
from cms.translations.models import GlossaryTerm, MemoryPair, TranslationProgress
from search.models import Concept, ConceptLabel
from tests.factories.departments import make_department
from tests.factories.pages import make_page
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db

SCREEN = reverse("language_resources")


@pytest.fixture
def scope(department, english):
    return Scope(department.pk, department.source_locale.pk, english.pk)


def pairs():
    return set(MemoryPair.objects.values_list("source", "target", "origin"))


def terms():
    return set(GlossaryTerm.objects.values_list("source", "target", "note", "origin"))


def entry(source, target, languages=("fr", "en")):
    return tmx.MemoryEntry(*languages, source, target)


def tmx_file(*entries):
    return BytesIO(tmx.write(list(entries)))


def tbx_file(*concepts):
    return BytesIO(tbx.write("Termes", "fr", concepts))


def concept(key, *terms, definition=""):
    return tbx.ConceptEntry(key, tuple(terms), definition=definition)


class TestMemory:
    def test_a_round_trip_into_another_department(self, department, english, scope):
        store_pairs(scope, [TextPair("Un <b>mot</b> &amp; un", "A <b>word</b> &amp; one")], "human")
        other = make_department("isere", locales=("fr", "en"))
        report = read_memory(other, BytesIO(write_memory(department, english)), "m.tmx")
        assert (report.added, report.kept, report.refused) == (1, 0, ())
        assert pairs() == {
            ("Un <b>mot</b> &amp; un", "A <b>word</b> &amp; one", "human"),
            ("Un <b>mot</b> &amp; un", "A <b>word</b> &amp; one", "imported"),
        }

    def test_languages_of_regions_are_known_and_pairs_are_turned_round(self, department):
        file = tmx_file(
            entry("Bonjour", "Hello", ("fr-FR", "EN-gb")),
            entry("Good night", "Bonne nuit", ("en", "fr")),
            entry("Bonjour", "Buongiorno", ("fr", "it")),
            entry("12", "12"),
        )
        report = read_memory(department, file, "m.tmx")
        assert (report.added, report.kept) == (2, 2)
        assert pairs() == {("Bonjour", "Hello", "imported"), ("Bonne nuit", "Good night", "imported")}

    def test_a_memory_beyond_its_limit_is_refused_and_changes_nothing(self, department, scope, monkeypatch):
        store_pairs(scope, [TextPair("Bonjour", "Hello")], "human")
        monkeypatch.setattr(language_resources, "MAX_PAIRS", 2)
        with pytest.raises(ValidationError):
            read_memory(department, tmx_file(entry("Un", "One"), entry("Deux", "Two")), "m.tmx")
        assert pairs() == {("Bonjour", "Hello", "human")}


class TestGlossary:
    def test_a_round_trip_into_another_department(self, department, english, add_term):
        add_term("foyer", "home", note="Pas « hearth »")
        add_term("foyer", "hostel")
        other = make_department("isere", locales=("fr", "en"))
        report = read_glossary(other, BytesIO(write_glossary(department, english)), "g.tbx")
        assert (report.added, report.refused) == (2, ())
        imported = GlossaryTerm.objects.filter(department=other).values_list("source", "target", "note", "origin")
        assert set(imported) == {
            ("foyer", "home", "Pas « hearth »", "imported"),
            ("foyer", "hostel", "Pas « hearth »", "imported"),
        }

    def test_outdated_terms_and_other_languages_are_left_out_and_long_ones_refused(self, department, add_term):
        add_term("foyer", "home", note="mine")
        file = tbx_file(
            concept(
                "c1", tbx.Term("fr", "foyer"), tbx.Term("en", "home"),
                tbx.Term("en", "hearth", tbx.TermStatus.DEPRECATED), tbx.Term("it", "focolare"), definition="other",
            ),
            concept("c2", tbx.Term("fr", "x" * 201), tbx.Term("en", "y")),
            concept("c3", tbx.Term("fr-FR", "aide"), tbx.Term("en-GB", "aid")),
        )  # fmt: skip
        report = read_glossary(department, file, "g.tbx")
        assert (report.added, report.kept, len(report.refused)) == (1, 1, 1)
        assert terms() == {("foyer", "home", "mine", "human"), ("aide", "aid", "", "imported")}


class TestScreen:
    def upload(self, client, file, name):
        return client.post(SCREEN, {"file": SimpleUploadedFile(name, file.read())})

    def test_an_editor_imports_and_downloads(self, client, department, add_term):
        client.force_login(make_user("editor", groups=["allier:editor"]))
        response = self.upload(client, tmx_file(entry("Bonjour", "Hello")), "memory.TMX")
        assert response.context["report"].added == 1
        response = self.upload(
            client, tbx_file(concept("c1", tbx.Term("fr", "foyer"), tbx.Term("en", "home"))), "g.tbx"
        )
        assert response.context["report"].added == 1
        content = client.get(SCREEN).content.decode()
        for file_format, words in (("tmx", "Hello"), ("tbx", "home")):
            url = reverse("language_resource_download", args=["en", file_format])
            assert url in content
            download = client.get(url)
            assert words in download.content.decode()
            assert download["Content-Disposition"].startswith("attachment")

    def test_what_is_no_such_file_is_refused(self, client, department, monkeypatch):
        client.force_login(make_user("editor", groups=["allier:editor"]))
        monkeypatch.setattr(resource_views, "MAX_PAIRS_IMPORTED", 1)
        two = tmx_file(entry("Un", "One"), entry("Deux", "Two"))
        hostile = b'<?xml version="1.0"?><!DOCTYPE tmx [<!ENTITY x "y">]><tmx version="1.4">&x;</tmx>'
        for file, name in ((two, "m.tmx"), (BytesIO(hostile), "m.tmx"), (BytesIO(b"<tbx/>"), "m.txt")):
            response = self.upload(client, file, name)
            assert response.context["error"]
        assert client.post(SCREEN).context["error"]
        assert pairs() == set()

    @pytest.mark.parametrize("role", ["translator:en", "reviewer:en", "reader"])
    def test_translators_do_not_see_it(self, client, department, role):
        client.force_login(make_user("person", groups=[f"allier:{role}"]))
        for url in (SCREEN, reverse("language_resource_download", args=["en", "tmx"])):
            assert client.get(url).status_code in (302, 403, 404)

    def test_other_languages_and_formats_are_not_found(self, client, department):
        client.force_login(make_user("editor", groups=["allier:editor"]))
        for arguments in (("fr", "tmx"), ("it", "tmx"), ("en", "exe")):
            assert client.get(reverse("language_resource_download", args=arguments)).status_code == 404


class TestCommands:
    @pytest.fixture(autouse=True)
    def english_messages(self):
        with languages.override("en"):
            yield

    def run(self, *arguments):
        output = StringIO()
        call_command("translations", *map(str, arguments), stdout=output)
        return output.getvalue()

    def test_files_are_exported_and_imported(self, department, scope, add_term, tmp_path):
        store_pairs(scope, [TextPair("Bonjour", "Hello")], "human")
        add_term("foyer", "home")
        make_department("isere", locales=("fr", "en"))
        for kind in ("memory", "glossary"):
            path = tmp_path / kind
            self.run(f"export-{kind}", "--department", "allier", "--locale", "en", "--output", path)
            with pytest.raises(CommandError, match="there already"):
                self.run(f"export-{kind}", "--department", "allier", "--locale", "en", "--output", path)
            assert "1 added, 0 kept, 0 refused" in self.run(f"import-{kind}", path, "--department", "isere")
            with pytest.raises(CommandError):
                self.run(f"import-{'glossary' if kind == 'memory' else 'memory'}", path, "--department", "isere")

    def test_professions_fill_the_glossary(self, department, english, add_term, commits):
        with commits():
            page = make_page(
                ProfessionPage, department, title="Éducateur", slug="educateur",
                esco_uri="http://data.europa.eu/esco/occupation/0b5ba8a3-1f93-4f5b-9f5c-6c1f0f0a9a11",
            )  # fmt: skip
        assert PublishedDocument.objects.filter(content_id=page.translation_key).exists()
        occupation = Concept.objects.create(scheme="esco", code="0b5ba8a3-1f93-4f5b-9f5c-6c1f0f0a9a11", change=1)
        for source, language, name in (
            ("official", "fr", "éducateur spécialisé"), ("demo", "fr", "éducateur"), ("demo", "en", "social educator"),
        ):  # fmt: skip
            ConceptLabel.objects.create(concept=occupation, language=language, source=source, preferred=name)
        assert "1 added, 0 kept" in self.run("fill-glossary", "--department", "allier")
        assert terms() == {("éducateur spécialisé", "social educator", "", "label")}
        GlossaryTerm.objects.update(target="educator", origin="human")
        assert "0 added, 1 kept" in self.run("fill-glossary", "--department", "allier", "--locale", "en")
        assert terms() == {("éducateur spécialisé", "educator", "", "human")}

    def test_each_night_fills_glossaries_without_terms_only(self, department, english, commits):
        with commits():
            page = make_page(ProfessionPage, department, title="Éducateur", slug="educateur")
            translation = page.copy_for_translation(english, copy_parents=True)
            translation.title = "Social educator"
            translation.save_revision().publish()
        output = StringIO()
        call_command("nightly", stdout=output)
        assert "1 names of professions added" in output.getvalue()
        assert terms() == {("Éducateur", "Social educator", "", "label")}
        GlossaryTerm.objects.update(source="foyer", target="home", origin="human")
        call_command("nightly", stdout=output)
        assert terms() == {("foyer", "home", "", "human")}

    def test_published_translations_of_an_older_version_fill_the_memory(self, translated, commits):
        translated.write(translated.texts)
        translated.publish()
        MemoryPair.objects.all().delete()
        TranslationProgress.objects.update(remembered_revision=None)
        with commits():
            assert "1 contents" in self.run("fill-memory", "--department", "allier")
        assert MemoryPair.objects.count() == 4
        with commits():
            assert "0 contents" in self.run("fill-memory", "--department", "allier")
