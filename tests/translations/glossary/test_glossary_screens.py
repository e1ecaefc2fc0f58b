"""The glossary in the editor and on its screens."""

import pytest
from django.urls import reverse

from cms.translations.editor.editor_segments import editor_segments
from cms.translations.glossary import term_storage
from cms.translations.glossary.term_matching import TermTranslation
from cms.translations.glossary.term_storage import add_terms
from cms.translations.memory.signatures import Scope
from cms.translations.models import GlossaryTerm
from tests.factories.departments import make_department
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db

SOURCE = "Un repas chaud par jour."


def test_terms_stand_beside_the_original_and_a_missing_one_is_a_warning(editor, add_term):
    add_term("repas", "meal/repast", note="Not: dish")
    editor.log_in("translator", "translator:en")
    content = editor.open().content.decode()
    for words in ("Glossaire", "repas", "meal", "Not: dish", 'data-tag="meal"'):
        assert words in content
    editor.write({SOURCE: "A hot dish a day."})
    (warning,) = editor.segment(SOURCE).warnings
    assert warning.check == "glossary"
    assert "meal/repast (repas)" in warning.text
    assert editor.stored() == {SOURCE: "A hot dish a day."}, "a warning prevents nothing"
    editor.write({SOURCE: "Hot meals each day."})
    assert editor.segment(SOURCE).warnings == []


def test_the_glossary_of_another_department_or_language_has_no_effect(editor, add_term, department):
    other = make_department("isere", locales=("fr", "en"))
    add_term("repas", "meal", department=other)
    add_term(
        "repas",
        "repas",
        target_locale=department.source_locale,
        source_locale=department.locales.get(language_code="en"),
    )
    assert editor.segment(SOURCE).terms == []


def test_a_text_has_one_warning_about_its_terms(editor, add_term):
    for word in ("repas", "chaud", "jour", "par"):
        add_term(word, f"{word}xx")
    editor.log_in("translator", "translator:en")
    editor.write({SOURCE: "A hot meal a day."})
    (warning,) = editor.segment(SOURCE).warnings
    assert "repasxx (repas), chaudxx (chaud)" in warning.text


def test_the_number_of_queries_does_not_depend_on_the_glossary(editor, add_term, django_assert_max_num_queries):
    for number in range(30):
        add_term(f"repas {number}", "meal")
    with django_assert_max_num_queries(11):
        assert editor_segments(editor.translation)


class TestScreens:
    def form(self, department, /, **values):
        english = department.locales.get(language_code="en")
        texts = {"source": "foyer", "target": "home", "note": ""}
        keys = {"source_locale": department.source_locale.pk, "target_locale": english.pk, "department": department.pk}
        return keys | texts | values

    def test_an_editor_adds_changes_and_deletes_a_term(self, client, department):
        client.force_login(make_user("editor", groups=["allier:editor"]))
        assert client.get(reverse("glossary:add")).status_code == 200
        client.post(reverse("glossary:add"), self.form(department))
        term = GlossaryTerm.objects.get()
        assert (term.source, term.target, term.origin) == ("foyer", "home", "human")
        assert "foyer" in client.get(reverse("glossary:index")).content.decode()
        client.post(reverse("glossary:edit", args=[term.pk]), self.form(department, target="hostel"))
        term.refresh_from_db()
        assert term.target == "hostel"
        client.post(reverse("glossary:delete", args=[term.pk]))
        assert not GlossaryTerm.objects.exists()

    def test_a_changed_name_of_a_profession_becomes_a_term_of_a_person(self, client, department, add_term):
        term = add_term("foyer", "home", origin="label")
        client.force_login(make_user("editor", groups=["allier:editor"]))
        client.post(reverse("glossary:edit", args=[term.pk]), self.form(department, target="hostel"))
        term.refresh_from_db()
        assert term.origin == "human"

    @pytest.mark.parametrize("change", ["language", "same", "department", "twice", "full", "control"])
    def test_what_cannot_be_is_refused(self, client, department, add_term, monkeypatch, change):
        other = make_department("isere", locales=("fr", "it"))
        client.force_login(make_user("editor", groups=["allier:editor"]))
        italian = other.locales.get(language_code="it")
        values = {
            "language": {"target_locale": italian.pk},
            "same": {"target_locale": department.source_locale.pk},
            "department": {"department": other.pk},
            "control": {"source": "foy\x07er"},
        }
        if change == "twice":
            add_term("foyer", "home")
        if change == "full":
            monkeypatch.setattr(term_storage, "MAX_TERMS", 0)
        number = GlossaryTerm.objects.count()
        response = client.post(reverse("glossary:add"), self.form(department, **values.get(change, {})))
        assert response.status_code in (200, 400, 404)
        assert GlossaryTerm.objects.count() == number

    def test_a_translator_reads_the_own_languages_and_changes_nothing(self, client, department, add_term):
        term = add_term("foyer", "home")
        client.force_login(make_user("translator", groups=["allier:translator:en"]))
        content = client.get(reverse("glossary:index")).content.decode()
        assert "home" in content
        assert reverse("glossary:edit", args=[term.pk]) not in content
        assert reverse("glossary:add") not in content
        for url in (reverse("glossary:add"), reverse("glossary:edit", args=[term.pk])):
            assert client.get(url).status_code in (302, 403, 404)
        term.source_locale, term.target_locale = term.target_locale, term.source_locale
        term.save()
        assert "home" not in client.get(reverse("glossary:index")).content.decode()

    def test_another_department_sees_nothing(self, client, add_term):
        term = add_term("foyer", "home")
        make_department("isere", locales=("fr", "en"))
        client.force_login(make_user("stranger", groups=["isere:editor"]))
        assert "foyer" not in client.get(reverse("glossary:index")).content.decode()
        assert client.get(reverse("glossary:edit", args=[term.pk])).status_code in (302, 403, 404)


class TestAddedTerms:
    @pytest.fixture
    def scope(self, department, english):
        return Scope(department.pk, department.source_locale.pk, english.pk)

    def texts(self):
        return set(GlossaryTerm.objects.values_list("source", "target", "origin"))

    def test_names_of_professions_never_replace_terms_of_people(self, scope, add_term):
        add_term("Éducateur", "educator")
        names = [TermTranslation("éducateur", "instructor"), TermTranslation("assistant", "assistant")]
        added = add_terms(scope, names, "label")
        assert (added.added, added.kept) == (1, 1)
        assert self.texts() == {("Éducateur", "educator", "human"), ("assistant", "assistant", "label")}

    def test_new_names_replace_former_names(self, scope):
        add_terms(scope, [TermTranslation("assistant", "assistant"), TermTranslation("aide", "aid")], "label")
        add_terms(scope, [TermTranslation("assistant", "helper"), TermTranslation("aide", "aid")], "label")
        assert self.texts() == {("assistant", "helper", "label"), ("aide", "aid", "label")}

    def test_imported_terms_stand_beside_others(self, scope, add_term):
        add_term("foyer", "home")
        imported = [TermTranslation("foyer", "hostel"), TermTranslation("foyer", "home", "note")]
        added = add_terms(scope, imported, "imported")
        assert (added.added, added.kept) == (1, 1)
        assert self.texts() == {("foyer", "home", "human"), ("foyer", "hostel", "imported")}

    def test_a_department_has_a_limit(self, scope, monkeypatch):
        monkeypatch.setattr(term_storage, "MAX_TERMS", 1)
        with pytest.raises(term_storage.ValidationError):
            add_terms(scope, [TermTranslation("a", "b"), TermTranslation("c", "d")], "imported")
        assert not GlossaryTerm.objects.exists()
