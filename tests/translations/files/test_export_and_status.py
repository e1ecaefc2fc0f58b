"""`manage.py translations export` and `status`: contents, errors and the number of queries."""

import json

import pytest
from django.core.management import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Locale
from wagtail_localize.models import Translation, TranslationSource

from cms.pages.models import StandardPage
from tests.factories.departments import make_department
from tests.factories.pages import PersonFactory, make_page

from .edited_files import content_of, rewrite

pytestmark = pytest.mark.django_db


def test_export_names_what_does_not_exist_and_overwrites_no_file(translated, department, run, tmp_path):
    def export(slug="allier", locale="en", *arguments):
        run(
            "export", "--department", slug, "--locale", locale, "--format", "po", "--output", tmp_path / "out",
            *arguments,
        )  # fmt: skip

    other = make_page(StandardPage, department, title="Autre")
    for arguments, reason in (
        (("nowhere",), "no department"),
        (("allier", "fr"), "does not translate"),
        (("allier", "fi"), "does not translate"),
        (("allier", "en", "--page", other.pk), str(other.pk)),
        (("allier", "en", "--page", 10**20), str(10**20)),
    ):
        with pytest.raises(CommandError, match=reason):
            export(*arguments)
    assert not (tmp_path / "out").exists()
    export("allier", "en", "--page", translated.page.pk)
    (path,) = (tmp_path / "out").iterdir()
    assert path.name == f"{translated.translation.pk}-aide-alimentaire.en.po"
    path.write_text("the work of a translator")
    with pytest.raises(CommandError, match="exists already"):
        export()
    assert path.read_text() == "the work of a translator"


def test_snippets_of_the_department_are_exported_and_those_of_another_one_are_not(
    translated, department, run, tmp_path
):
    for owner, name in ((department, "Amis du lac"), (make_department("isere", locales=("fr", "en")), "Voisins")):
        snippet = PersonFactory(name="Anne", role=name, owner=owner)
        source, _created = TranslationSource.update_or_create_from_instance(snippet)
        Translation.objects.create(source=source, target_locale=Locale.objects.get(language_code="en"))
    run(
        "export", "--department", "allier", "--locale", "en", "--format", "xliff1.2", "--output", tmp_path / "out"
    )  # fmt: skip
    sources = {unit.source for path in (tmp_path / "out").iterdir() for unit in content_of(path).units}
    assert "Amis du lac" in sources
    assert "Ouvert le lundi." in sources
    assert "Voisins" not in sources


def test_status_counts_pages_texts_and_words(translated, run):
    translated.write(translated.texts)
    translated.edit(summary="Un repas chaud chaque jour.")
    make_department("isere", locales=("fr", "fi"))
    rows = {(row.pop("department"), row.pop("locale")): row for row in json.loads(run("status", "--json"))}
    assert rows["allier", "en"] == {
        "contents": 1, "segments": 5, "translated": 5, "outdated": 1, "words": 14, "words_to_do": 5,
    }  # fmt: skip
    assert set(rows["isere", "fi"].values()) == {0}
    assert run("status", "--department", "allier") == (
        "allier en: 1 contents, 5 segments, 5 translated, 1 outdated, 14 words, 5 words to do\n"
    )


def add_page(department, title):
    page = make_page(StandardPage, department, title=title, summary=f"Résumé de {title}.")
    source, _created = TranslationSource.update_or_create_from_instance(page)
    return Translation.objects.create(source=source, target_locale=Locale.objects.get(language_code="en"))


def test_the_number_of_queries_of_the_status_is_fixed(translated, department, run, commits):
    with CaptureQueriesContext(connection) as first:
        run("status")
    with commits():
        for number in range(5):
            add_page(department, f"Page {number}")
        for slug in ("isere", "cantal"):
            add_page(make_department(slug, locales=("fr", "en", "fi")), "Accueil")
    with CaptureQueriesContext(connection) as second:
        output = run("status")
    assert "isere en: 1 contents" in output
    assert len(first) == len(second) == 2


def test_each_exported_content_costs_two_queries_and_each_unchanged_unit_none(
    translated, department, run, commits, tmp_path
):
    def count(name, *arguments):
        with CaptureQueriesContext(connection) as queries:
            run(name, *arguments)
        return len(queries)

    export = ("--department", "allier", "--locale", "en", "--format", "xliff2.1", "--output")
    first = count("export", *export, tmp_path / "1")
    with commits():
        for number in range(4):
            add_page(department, f"Page {number}")
    assert count("export", *export, tmp_path / "2") - first <= 2 * 4
    (path,) = (tmp_path / "1").iterdir()
    rewrite(path, "xliff2.1", {"Ouvert le lundi.": "Open on Mondays."})
    run("import", path)
    one = count("import", path)
    rewrite(path, "xliff2.1", translated.texts)
    run("import", path)
    assert count("import", path) == one
