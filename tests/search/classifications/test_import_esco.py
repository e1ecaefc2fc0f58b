"""The command `import_esco`: imported names, the report on published pages, and invalid files."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from cms.pages.models import ProfessionPage
from search.models import Concept, ConceptCounter, ConceptLabel
from tests.factories.departments import make_department
from tests.factories.pages import make_page

from .official_files import (
    EDUCATOR,
    ESCO,
    ESCO_COLUMNS,
    GROUP_COLUMNS,
    SOCIAL_WORKER,
    esco_file,
    occupation,
    write_csv,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def imported(capsys):
    """Return a function that runs the command on files and returns the lines of its report."""

    def run(*files, **options):
        call_command("import_esco", *map(str, files), **options)
        return capsys.readouterr().out.splitlines()

    return run


def names_of(code):
    labels = ConceptLabel.objects.filter(concept__code=code)
    return {label.language: [label.preferred, *label.alternatives] for label in labels}


def everything():
    return (
        list(Concept.objects.order_by("pk").values()),
        list(ConceptLabel.objects.order_by("pk").values()),
        ConceptCounter.last_number(),
    )


def test_one_run_imports_the_names_of_several_languages(imported, tmp_path):
    english = esco_file(
        tmp_path, "en", occupation(SOCIAL_WORKER, "social worker", "caseworker", hiddenLabels="sozial worker")
    )
    finnish = esco_file(tmp_path, "fi", occupation(SOCIAL_WORKER, "sosiaalityöntekijä"), encoding="utf-8-sig")
    assert imported(english, finnish, release="1.2") == [
        "ESCO 1.2: 1 added, 0 changed, 0 dropped; 1 in the files (en, fi)",
        "0 codes in use on published pages, 0 to look at",
    ]
    assert names_of(SOCIAL_WORKER) == {
        "en": ["social worker", "caseworker", "sozial worker"],
        "fi": ["sosiaalityöntekijä"],
    }
    concept = Concept.objects.get()
    assert (concept.scheme, concept.notation, concept.group, concept.release) == ("esco", "2635.3", "2635", "1.2")


def test_the_release_is_read_from_file_and_folder_names(imported, tmp_path):
    folder = tmp_path / "ESCO dataset - v1.2.0 - classification - fr - csv"
    assert imported(esco_file(folder, "fr", occupation(EDUCATOR, "éducateur")))[0].startswith("ESCO 1.2.0: 1 added")


def test_a_second_run_changes_nothing(imported, tmp_path):
    file = esco_file(
        tmp_path, "en", occupation(SOCIAL_WORKER, "social worker", "caseworker"), occupation(EDUCATOR, "b")
    )
    imported(file)
    before = everything()
    assert "0 added, 0 changed, 0 dropped" in imported(file)[0]
    assert everything() == before


def test_columns_may_be_reordered_and_optional_columns_may_be_missing(imported, tmp_path):
    record = {"altLabels": "", "preferredLabel": "travailleur social", "iscoGroup": "", "conceptUri": ESCO + EDUCATOR}
    imported(write_csv(tmp_path / "mine.csv", list(record), [record]), language="fr")
    assert names_of(EDUCATOR) == {"fr": ["travailleur social"]}


def test_the_report_names_the_codes_in_use_that_changed(imported, tmp_path, commits):
    with commits():
        allier, isere = make_department("allier"), make_department("isere")
        make_page(ProfessionPage, allier, title="Assistant social", slug="a", esco_uri=ESCO + SOCIAL_WORKER)
        make_page(ProfessionPage, isere, title="Éducatrice", slug="b", esco_uri=ESCO + EDUCATOR)
        make_page(ProfessionPage, isere, title="Éducateur", slug="c", esco_uri=ESCO + EDUCATOR)
        gone = "0d423a2e-6fb7-4704-8544-bd6c522b3c62"
        make_page(ProfessionPage, allier, title="Enfance", slug="d", esco_uri=ESCO + gone)
    kept = [occupation("00000000-0000-4000-8000-000000000001", "unused")]
    imported(
        esco_file(
            tmp_path, "en", occupation(SOCIAL_WORKER, "social worker"), occupation(EDUCATOR, "social pedagogue"),
            occupation(gone, "child care worker"), *kept,
        )
    )  # fmt: skip
    next_release = esco_file(
        tmp_path, "en", occupation(SOCIAL_WORKER, "social work"),
        occupation(EDUCATOR, "social pedagogue", status="obsolete"), *kept,
    )  # fmt: skip
    assert imported(next_release) == [
        "ESCO: 0 added, 2 changed, 1 dropped; 3 in the files (en)",
        f"  {gone} child care worker: dropped by this release",
        "    allier, Enfance (fr)",
        f"  {SOCIAL_WORKER} social work: name in “en” changed from “social worker” to “social work”",
        "    allier, Assistant social (fr)",
        f"  {EDUCATOR} social pedagogue: obsolete",
        "    isere, Éducateur (fr)",
        "    isere, Éducatrice (fr)",
        "3 codes in use on published pages, 3 to look at",
    ]
    assert names_of(gone) == {"en": ["child care worker"]}, "pages that carry it are still found by it"
    again = imported(next_release)
    assert again[0] == "ESCO: 0 added, 0 changed, 0 dropped; 3 in the files (en)"
    assert again[1] == f"  {gone} child care worker: not in this release"
    assert again[-1] == "3 codes in use on published pages, 2 to look at"


def test_the_report_names_a_new_group_and_new_alternative_names(imported, tmp_path, commits):
    with commits():
        page = make_page(ProfessionPage, make_department("allier"), title="A", esco_uri=ESCO + SOCIAL_WORKER)
    imported(esco_file(tmp_path, "en", occupation(SOCIAL_WORKER, "social worker", "caseworker")))
    moved = occupation(SOCIAL_WORKER, "social worker", "adviser", iscoGroup="3412")
    assert imported(esco_file(tmp_path, "en", moved))[1:] == [
        f"  {SOCIAL_WORKER} social worker: ISCO group changed from “2635” to “3412”; other names changed in “en”",
        f"    allier, {page.title} (fr)",
        "1 codes in use on published pages, 1 to look at",
    ]


def test_a_code_that_returns_is_current_again(imported, tmp_path):
    both = [occupation(SOCIAL_WORKER, "social worker"), occupation(EDUCATOR, "pedagogue")]
    imported(esco_file(tmp_path, "en", *both))
    imported(esco_file(tmp_path, "en", both[0]))
    assert Concept.objects.get(code=EDUCATOR).status == "dropped"
    imported(esco_file(tmp_path, "en", *both))
    assert Concept.objects.get(code=EDUCATOR).status == "current"


def test_a_name_that_is_removed_in_one_language_stays_in_the_others(imported, tmp_path):
    english = esco_file(tmp_path, "en", occupation(SOCIAL_WORKER, "social worker"))
    imported(english, esco_file(tmp_path, "fr", occupation(SOCIAL_WORKER, "assistant social")))
    imported(english, esco_file(tmp_path, "fr", occupation(SOCIAL_WORKER, "")))
    assert names_of(SOCIAL_WORKER) == {"en": ["social worker"]}


def test_isco_groups_are_imported_with_occupations(imported, tmp_path):
    group = {"conceptUri": "http://data.europa.eu/esco/isco/C2635", "code": "2635", "preferredLabel": "Social work"}
    groups = write_csv(tmp_path / "ISCOGroups_en.csv", GROUP_COLUMNS, [group])
    lines = imported(esco_file(tmp_path, "en", occupation(SOCIAL_WORKER, "social worker")), groups)
    assert [line.partition(":")[0] for line in lines if "added" in line] == ["ESCO", "ISCO-08"]
    assert names_of("2635") == {"en": ["Social work"]}


GOOD = occupation(SOCIAL_WORKER, "social worker")
HEADER = ",".join(ESCO_COLUMNS)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("occupations_en.csv", b"", r"occupations_en\.csv is empty"),
        ("occupations_en.csv", HEADER.encode(), r"a header and no records"),
        ("occupations_en.csv", b"id,description\n1,b\n", r"line 1, column conceptUri, iscoGroup, .*: it is missing"),
        ("occupations_en.csv", b"\xff\xfe" + HEADER.encode("utf-16"), r"line 1, column 1: not UTF-8"),
        ("occupations_en.csv", HEADER.encode() + "\nOccupation,é".encode("latin-1"), r"line 2, column 12: not UTF-8"),
        ("occupations_en.csv", (HEADER + "\nOccupation,x,1\n").encode(), r"line 2, column preferredLabel: 3 values"),
        ("occupations_en.csv", (HEADER + '\nOccupation,"x').encode(), r"line 2, column 1: not a record of a CSV file"),
        ("occupations_en.csv", (HEADER + f"\n{'x,' * 13}\0").encode(), r"line 2, column code: .*U\+0000"),
        ("occupations_xx.csv", (HEADER + "\n" + "," * 13).encode(), r"ESCO has no language “xx”"),
        ("english.csv", (HEADER + "\n" + "," * 13).encode(), r"the name does not end with a language"),
        ("missing_en.csv", None, r"missing_en\.csv: there is no such file"),
    ],
)
def test_an_invalid_file_is_refused_and_nothing_is_imported(imported, tmp_path, name, content, message):
    right = esco_file(tmp_path, "fr", GOOD)
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(CommandError, match=r"Nothing was imported\.\n.*" + message):
        imported(right, tmp_path / name)
    assert everything() == ([], [], 0)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"conceptUri": "http://data.europa.eu/esco/skill/1"}, "line 4, column conceptUri: .*not the address"),
        ({"conceptUri": ESCO + SOCIAL_WORKER}, "line 4, column conceptUri: .*is also on line 2"),
        ({"iscoGroup": "social"}, "line 4, column iscoGroup: “social” is not an ISCO group"),
        ({"code": "first"}, "line 4, column code: “first” is not a code of ESCO"),
        ({"iscoGroup": "110"}, "line 4, column iscoGroup: “110” is not an ISCO group of four digits.*zero"),
        ({"code": "110.1"}, "line 4, column code: “110.1” is not a code of ESCO.*zero"),
        ({"preferredLabel": "ma\x92tre"}, r"line 4, column preferredLabel: a control character \(U\+0092\)"),
    ],
)
def test_an_invalid_value_is_reported_with_line_and_column(imported, tmp_path, values, message):
    file = esco_file(tmp_path, "en", GOOD, occupation(EDUCATOR, "pedagogue") | values)
    with pytest.raises(CommandError, match=r"occupations_en\.csv, " + message):
        imported(file)
    assert everything() == ([], [], 0)


def test_errors_are_in_the_language_of_the_instance(imported, tmp_path):
    file = esco_file(tmp_path, "en", GOOD, occupation(EDUCATOR, "pedagogue") | {"iscoGroup": "110"})
    with translation.override("fr"), pytest.raises(CommandError) as refusal:
        imported(file)
    assert str(refusal.value) == (
        "Nothing was imported.\noccupations_en.csv, ligne 4, colonne iscoGroup\xa0: «\xa0110\xa0» n’est pas un groupe "
        "CITP de quatre chiffres. Si un tableur a retiré le zéro initial, utilisez le fichier tel qu’il a été publié."
    )


def test_a_group_that_lost_its_zero_is_refused(imported, tmp_path):
    group = {"conceptUri": "http://data.europa.eu/esco/isco/C0110", "code": "110", "preferredLabel": "Officers"}
    groups = write_csv(tmp_path / "ISCOGroups_en.csv", GROUP_COLUMNS, [group])
    with pytest.raises(CommandError, match=r"line 2, column code: “110” is not the code in .*C0110.*zero"):
        imported(groups)


@pytest.mark.parametrize(("delimiter", "encoding"), [(";", "utf-8-sig"), ("\t", "utf-8")])
def test_a_file_that_a_spreadsheet_saved_is_read(imported, tmp_path, delimiter, encoding):
    file = tmp_path / "occupations_fr.csv"
    imported(write_csv(file, ESCO_COLUMNS, [GOOD], delimiter=delimiter, encoding=encoding))
    assert names_of(SOCIAL_WORKER) == {"fr": ["social worker"]}


def test_two_files_of_one_language_are_refused(imported, tmp_path):
    with pytest.raises(CommandError, match="a second file of the same kind in “en”"):
        imported(esco_file(tmp_path, "en", GOOD), esco_file(tmp_path / "other", "en", GOOD))
    with pytest.raises(CommandError, match="--language is for one file"):
        imported(esco_file(tmp_path, "en", GOOD), esco_file(tmp_path, "fr", GOOD), language="en")


def test_three_thousand_occupations_in_several_languages_need_few_queries(imported, tmp_path):
    """Rows are written in bulk. SQLite takes 1,000 values in a statement, PostgreSQL more rows than a batch has."""
    languages = ("de", "en", "es", "fi", "fr", "it", "nl", "pt")

    def occupations(language):
        for number in range(3000):
            others = [f"{number} {letter}" for letter in "abcdefghij"]
            yield occupation(f"{number:08}-0000-4000-8000-000000000000", f"{number} {language}", *others)

    files = [esco_file(tmp_path, language, *occupations(language)) for language in languages]
    with CaptureQueriesContext(connection) as written_all:
        assert imported(*files)[0].startswith("ESCO: 3000 added")
    with CaptureQueriesContext(connection) as written_nothing:
        assert imported(*files)[0].startswith("ESCO: 0 added, 0 changed, 0 dropped")
    assert ConceptLabel.objects.count() == 3000 * len(languages)
    assert len(written_nothing) < 10 + 2 * len(languages), "to see that nothing has changed: one look at each language"
    assert len(written_all) < len(written_nothing) + 27_000 / 100
