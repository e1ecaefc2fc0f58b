"""The command `import_rome`: codes and appellations of the official files in all their formats."""

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from cms.pages.models import ProfessionPage
from search.models import Concept, ConceptCounter, ConceptLabel
from tests.factories.departments import make_department
from tests.factories.pages import make_page

from .official_files import rome_appellations, rome_codes, write_csv

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


CODES = {"K1201": "Assistant / Assistante de service social", "K1207": "Éducateur / Éducatrice spécialisée"}
APPELLATIONS = [
    ("K1201", "Assistant social / Assistante sociale d'entreprise"),
    ("K1201", "Assistant social / Assistante sociale scolaire"),
    ("K1207", "Éducateur / Éducatrice de rue"),
]


@pytest.fixture
def imported(capsys):
    def run(*files, **options):
        call_command("import_rome", *map(str, files), **options)
        return capsys.readouterr().out.splitlines()

    return run


def names_of(code):
    label = ConceptLabel.objects.get(concept__scheme="rome", concept__code=code, language="fr")
    return [label.preferred, *label.alternatives]


def test_codes_and_appellations_are_imported_together_or_separately(imported, tmp_path):
    codes, appellations = rome_codes(tmp_path, CODES), rome_appellations(tmp_path, APPELLATIONS)
    assert imported(codes, appellations)[0] == "ROME 346: 2 added, 0 changed, 0 dropped; 2 in the files (fr)"
    assert names_of("K1207") == [CODES["K1207"], "Éducateur / Éducatrice de rue"]
    before = ConceptCounter.last_number()
    for files in ([codes], [appellations], [appellations, codes]):
        assert "0 added, 0 changed, 0 dropped" in imported(*files)[0]
    assert ConceptCounter.last_number() == before


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_each_delimiter_is_recognised(imported, tmp_path, delimiter):
    imported(rome_codes(tmp_path, CODES, delimiter=delimiter), rome_appellations(tmp_path, APPELLATIONS, delimiter=";"))
    assert names_of("K1201")[0] == CODES["K1201"]


def test_the_columns_of_the_newest_version_are_read(imported, tmp_path):
    record = {"code_rome": "K1201", "code_ogr": "1", "libelle_rome": "Assistant", "code_rome_parent": "K1201"}
    imported(write_csv(tmp_path / "unix_referentiel_code_rome_v460_utf8.csv", list(record), [record]))
    record = {"code_ogr": "1", "libelle_appellation_long": "Assistante", "code_rome": "K1201", "peu_usite": "N"}
    lines = imported(write_csv(tmp_path / "unix_referentiel_appellation_v460_utf8.csv", list(record), [record]))
    assert lines[0].startswith("ROME 460: 0 added, 1 changed")
    assert names_of("K1201") == ["Assistant", "Assistante"]


def test_the_older_encoding_is_read_on_request(imported, tmp_path):
    codes = rome_codes(tmp_path, {"A1423": "Œnologue"}, encoding="iso8859-15")
    with pytest.raises(CommandError, match=r"line 2, column 9: not UTF-8"):
        imported(codes)
    imported(codes, encoding="iso8859-15")
    assert names_of("A1423") == ["Œnologue"]


@pytest.mark.parametrize("encoding", ["utf-8", "iso8859-15", "cp1252"])
def test_utf_16_without_a_mark_is_named(imported, tmp_path, encoding):
    """Without accents it can be decoded as any of these."""
    codes = rome_codes(tmp_path, {"K1201": "Action sociale"}, encoding="utf-16-le")
    with pytest.raises(CommandError, match=r"line 1, column 1: .*probably UTF-16"):
        imported(codes, encoding=encoding)


def test_windows_1252_is_never_stored_as_control_characters(imported, tmp_path):
    codes = rome_codes(tmp_path, {"K1201": "Mise en œuvre de l’aide"}, encoding="cp1252")
    with pytest.raises(CommandError, match=r"line 2, column \d+: not UTF-8\. The encoding is probably Windows-1252"):
        imported(codes)
    with pytest.raises(CommandError, match=r"line 2, column libelle_rome: .*U\+009C.*--encoding cp1252"):
        imported(codes, encoding="iso8859-15")
    assert not Concept.objects.exists()
    imported(codes, encoding="cp1252")
    assert names_of("K1201") == ["Mise en œuvre de l’aide"]


def test_the_report_names_the_codes_in_use_that_changed(imported, tmp_path, commits):
    with commits():
        allier = make_department("allier")
        make_page(ProfessionPage, allier, title="Éducatrice", rome_code="K1207")
        make_page(ProfessionPage, allier, title="Soudeuse", slug="s", rome_code="H2913")
    imported(rome_codes(tmp_path, CODES))
    lines = imported(rome_codes(tmp_path, {"K1201": CODES["K1201"]}))
    assert lines == [
        "ROME 346: 0 added, 0 changed, 1 dropped; 1 in the files (fr)",
        "  H2913: not in this release",
        "    allier, Soudeuse (fr)",
        f"  K1207 {CODES['K1207']}: dropped by this release",
        "    allier, Éducatrice (fr)",
        "2 codes in use on published pages, 2 to look at",
    ]


def test_appellations_alone_drop_nothing(imported, tmp_path):
    imported(rome_codes(tmp_path, CODES))
    lines = imported(rome_appellations(tmp_path, APPELLATIONS[:1]))
    assert lines[0] == "ROME 346: 0 added, 1 changed, 0 dropped; 1 in the files (fr)"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: [rome_codes(folder, {"Z9": "x"})], "line 2, column code_rome: “Z9” is not a ROME code"),
        (lambda folder: [rome_codes(folder, {"K1201": ""})], "line 2, column libelle_rome: “K1201” has no name"),
        (lambda folder: [rome_appellations(folder, APPELLATIONS)], "does not have K1201, K1207; give both files"),
        (
            lambda folder: [rome_codes(folder, {"K1201": "a"}), rome_appellations(folder, APPELLATIONS)],
            "does not have K1207",
        ),
        (
            lambda folder: [write_csv(folder / "a.csv", ["code"], [{"code": "1"}])],
            "line 1, column code_rome, .* missing",
        ),
        (lambda folder: [rome_codes(folder, CODES), rome_codes(folder / "b", CODES)], "a second file of codes"),
    ],
)
def test_an_invalid_file_is_refused_and_nothing_is_imported(imported, tmp_path, make, message):
    with pytest.raises(CommandError, match=r"Nothing was imported\.\n.*" + message):
        imported(*make(tmp_path))
    assert not Concept.objects.exists()
