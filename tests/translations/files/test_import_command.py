"""`manage.py translations import`: round trips, older revisions, refused units and refused files."""

import json
import subprocess
import sys
from dataclasses import replace
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.management import CommandError
from django.db.models.signals import pre_save
from django.utils import timezone
from django.utils import translation as languages
from wagtail_localize.models import StringTranslation, Translation

from cms.translations.exchange import xliff12
from cms.translations.exchange.incoming_translations import read_translations
from cms.translations.exchange.units import UnitState
from cms.translations.file_service.outgoing_files import exchange_file
from cms.translations.models import OutdatedTranslation, TranslatedRevision, TranslationProgress
from tests.factories.departments import make_department
from tests.factories.users import make_user

from .edited_files import FORMATS, WRITERS, content_of, rewrite, texts

pytestmark = pytest.mark.django_db


def stored():
    return sorted(StringTranslation.objects.values_list("pk", "data", "translation_type", "updated_at"))


def refused_import(run, *arguments):
    before = stored()
    with pytest.raises(CommandError) as refusal:
        run("import", *arguments)
    assert refusal.value.returncode == 1
    assert stored() == before, "a refused file has changed something"
    return str(refusal.value)


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_page_makes_a_round_trip(translated, run, export, format_name):
    translated.write({"Ouvert le lundi.": "Open on Mondays."})
    path = export(format_name)
    content = content_of(path)
    assert content.translation_id == str(translated.translation.uuid)
    states = {unit.source: (unit.target, unit.state) for unit in content.units}
    assert states["Ouvert le lundi."] == ("Open on Mondays.", UnitState.TRANSLATED)
    assert states["Fermé en août."] == ("", UnitState.UNTRANSLATED)
    before = stored()
    assert "0 accepted, 0 changed, 1 unchanged, 4 refused" in run("import", path)
    assert stored() == before, "a file that nobody has changed has changed something"
    rewrite(path, format_name, translated.texts, UnitState.APPROVED)
    output = run("import", path, "--department", "allier")
    assert "4 accepted, 0 changed, 1 unchanged, 0 refused" in output
    assert texts(translated.translation) == {
        source: (target, "translated") for source, target in translated.texts.items()
    }
    progress = TranslationProgress.objects.get(translation=translated.translation)
    assert (progress.translated, progress.segments, progress.words_to_do) == (5, 5, 0)
    assert not TranslatedRevision.objects.filter(reviewed_at__isnull=False).exists(), "a file has approved a page"
    assert "5 unchanged" in run("import", path)


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_file_of_an_older_revision_is_merged(translated, run, export, format_name):
    path = export(format_name)
    translated.edit(summary="Deux repas chauds par jour.")
    rewrite(path, format_name, translated.texts)
    output = run("import", path)
    assert "4 accepted, 0 changed, 0 unchanged, 1 refused" in output
    assert "“Un repas chaud par jour.” (summary): This original is no longer in the content" in output
    now = texts(translated.translation)
    assert now["Ouvert le lundi."] == ("Open on Mondays.", "translated")
    assert now["Deux repas chauds par jour."][1] == "untranslated"


@pytest.mark.parametrize("format_name", FORMATS)
def test_an_outdated_text_needs_editing_until_somebody_confirms_it(translated, run, export, format_name):
    translated.write(translated.texts)
    translated.edit(summary="Un repas chaud chaque jour.")
    path = export(format_name)
    unit = next(unit for unit in content_of(path).units if unit.context == "summary")
    assert (unit.state, unit.target) == (UnitState.NEEDS_EDITING, "A hot meal a day.")
    assert (unit.former_source, unit.former_target) == ("Un repas chaud par jour.", "A hot meal a day.")
    assert "4 unchanged, 1 refused" in run("import", path)
    assert OutdatedTranslation.objects.exists(), "a unit that needs editing confirmed the text"
    rewrite(path, format_name, {"Un repas chaud chaque jour.": "A hot meal a day."})
    assert "1 accepted, 0 changed, 4 unchanged, 0 refused" in run("import", path)
    assert not OutdatedTranslation.objects.exists()


def test_a_newer_text_of_a_person_is_kept_unless_it_may_be_overwritten(translated, run, export):
    path = export("xliff1.2")
    translated.write({"Ouvert le lundi.": "Opens on Monday."})
    rewrite(path, "xliff1.2", translated.texts)
    output = run("import", path)
    assert "4 accepted, 0 changed, 0 unchanged, 1 refused" in output
    assert "Another translation is stored already, and is kept." in output
    assert texts(translated.translation)["Ouvert le lundi."][0] == "Opens on Monday."
    assert "0 accepted, 1 changed, 4 unchanged, 0 refused" in run("import", path, "--overwrite")
    assert texts(translated.translation)["Ouvert le lundi."][0] == "Open on Mondays."


def test_machine_and_faulty_texts_are_replaced_and_credited_to_a_person(translated, run, export):
    translated.write(translated.texts)
    StringTranslation.objects.filter(data="Food aid").update(translation_type="machine", data="Nutritional help")
    StringTranslation.objects.filter(data="Open on Mondays.").update(has_error=True, field_error="Wrong.")
    path = export("po")
    states = {unit.source: unit.state for unit in content_of(path).units}
    assert states["Aide alimentaire"] is UnitState.NEEDS_EDITING
    assert states["Ouvert le lundi."] is UnitState.UNTRANSLATED
    rewrite(path, "po", translated.texts)
    author = make_user("anna")
    assert "1 accepted, 1 changed, 3 unchanged, 0 refused" in run("import", path, "--user", "Anna@example.org")
    rows = StringTranslation.objects.filter(last_translated_by=author)
    assert sorted(rows.values_list("data", "translation_type", "has_error", "field_error")) == [
        ("Food aid", "manual", False, ""), ("Open on Mondays.", "manual", False, ""),
    ]  # fmt: skip


def test_refused_units_have_a_line_and_a_reason_and_others_are_stored(translated, run, export):
    path = export("xliff2.1")
    data = path.read_text(encoding="utf-8")
    targets = {
        "Aide alimentaire": "<target>Food <mrk id='m1'>aid</mrk></target>",
        "Un repas chaud par jour.": "<target>A <sc id='x'/>hot meal a day.</target>",
        "Ouvert le lundi.": "<target>Open on Mondays.</target>",
    }
    for source, target in targets.items():
        data = data.replace(f"<source>{source}</source>", f"<source>{source}</source>{target}")
    data = data.replace('state="initial"', 'state="translated"')
    path.write_text(data, encoding="utf-8")
    line = next(n for n, text in enumerate(data.splitlines(), 1) if 'name="summary"' in text)
    output = run("import", path)
    assert "2 accepted, 0 changed, 0 unchanged, 3 refused" in output
    assert f"line {line}: refused: “Un repas chaud par jour.” (summary): " in output
    assert output.count("It has no translation.") == 2


def test_a_text_that_is_too_long_for_its_field_is_refused(translated, run, export):
    path = export("po")
    rewrite(path, "po", {"Aide alimentaire": "x" * 256, "Ouvert le lundi.": "Open on Mondays."})
    output = run("import", path)
    assert "It has more than 255 characters." in output
    assert "1 accepted" in output


def hostile_files(path):
    data = path.read_bytes()
    known = content_of(path).translation_id.encode()
    return {
        "a control character": data.replace(b"Ouvert", b"Ouv\x01ert"),
        "another language": data.replace(b'trgLang="en"', b'trgLang="fi"'),
        "an unknown translation": data.replace(known, str(uuid4()).encode()),
        "an entity": data.replace(b"<xliff", b'<!DOCTYPE xliff [<!ENTITY x SYSTEM "file:///etc/passwd">]><xliff', 1),
        "half of the file": data[: len(data) // 2],
        "no unit that fits": data,
        "nothing": b"",
    }


def test_refused_files_change_nothing_and_end_with_1(translated, run, export):
    path = export("xliff2.1")
    for fault, data in hostile_files(path).items():
        path.write_bytes(data)
        assert path.name in refused_import(run, path), fault
    path.unlink()
    assert path.name in refused_import(run, path)


def test_a_refused_file_does_not_hold_back_the_next_one(translated, run, export, tmp_path):
    good, bad = export("po"), tmp_path / "bad.xlf"
    bad.write_text("<html/>")
    rewrite(good, "po", translated.texts)
    with pytest.raises(CommandError, match=r"bad\.xlf"):
        run("import", bad, good)
    assert texts(translated.translation)["Ouvert le lundi."][0] == "Open on Mondays."


def test_one_unknown_translation_refuses_the_whole_file(translated, run, export):
    path = export("xliff1.2")
    rewrite(path, "xliff1.2", translated.texts)
    content = content_of(path)
    path.write_bytes(xliff12.write([content, replace(content, translation_id=str(uuid4()))]))
    assert "does not exist here" in refused_import(run, path)


def test_contents_of_another_department_are_refused(translated, run, export):
    make_department("isere", locales=("fr", "en"))
    path = export("xliff1.2")
    rewrite(path, "xliff1.2", translated.texts)
    assert "nothing is imported" in refused_import(run, path, "--department", "isere")
    assert "5 accepted" in run("import", path, "--department", "allier")


def test_stopped_translations_and_suspended_departments_are_refused(translated, department, run, export):
    path = export("po")
    rewrite(path, "po", translated.texts)
    Translation.objects.update(enabled=False)
    assert "is stopped" in refused_import(run, path)
    Translation.objects.update(enabled=True)
    department.suspended_at = timezone.now()
    department.save()
    assert "is suspended" in refused_import(run, path)


@pytest.mark.parametrize("format_name", FORMATS)
def test_tags_survive_and_an_outdated_text_without_them_is_refused(translated, run, export, format_name):
    block = translated.page.body.get_prep_value()

    def edit(paragraph):
        block[0]["value"] = f"<p>{paragraph}</p>"
        translated.edit(body=json.dumps(block))

    edit("Ouvert le lundi.")
    translated.write({"Ouvert le lundi.": "Open on Mondays."})
    edit('Ouvert le <b>lundi</b>, <a href="https://example.org/">ici</a>.')
    source = 'Ouvert le <b>lundi</b>, <a id="a1">ici</a>.'
    path = export(format_name)
    with path.open("rb") as file, languages.override("en"):
        (found,) = read_translations(file, path.name)
    assert [unit.reason for unit in found.refused] == ["The tag <b> of the original is missing in the translation."]
    assert "Open on Mondays." in path.read_text(encoding="utf-8")
    content = exchange_file(translated.translation)
    target = 'Here, <a id="a1">open</a> on <b>Mondays</b> &amp; days &lt; 3.'
    units = tuple(
        replace(unit, target=target, state=UnitState.TRANSLATED) if unit.source == source else unit
        for unit in content.units
    )
    path.write_bytes(WRITERS[format_name](replace(content, units=units)))
    assert "1 changed" in run("import", path)
    assert texts(translated.translation)[source] == (target, "translated")


def test_a_text_that_somebody_stores_at_the_same_moment_refuses_the_file(translated, run, export):
    path = export("po")
    rewrite(path, "po", translated.texts)

    def store_first(instance, **kwargs):
        pre_save.disconnect(store_first, sender=StringTranslation)
        rival = {name: getattr(instance, name) for name in ("translation_of", "context", "locale")}
        StringTranslation.objects.bulk_create([StringTranslation(data="Rival", translation_type="manual", **rival)])

    pre_save.connect(store_first, sender=StringTranslation)
    try:
        assert "at the same moment" in refused_import(run, path)
    finally:
        pre_save.disconnect(store_first, sender=StringTranslation)
    assert "5 accepted" in run("import", path)


def test_the_exit_status_of_a_refused_import_is_1(tmp_path):
    """A child process, because `call_command` raises before Django makes an exit status of the exception."""
    path = tmp_path / "missing.xlf"
    command = [sys.executable, settings.BASE_DIR / "manage.py", "translations", "import", path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "missing.xlf" in done.stderr
    assert "Traceback" not in done.stderr
