"""Writers of CSV files in the format of the official ones."""

import csv
import io

ESCO_COLUMNS = [
    *("conceptType", "conceptUri", "iscoGroup", "preferredLabel", "altLabels", "hiddenLabels", "status"),
    *("modifiedDate", "regulatedProfessionNote", "scopeNote", "definition", "inScheme", "description", "code"),
]
GROUP_COLUMNS = ["conceptType", "conceptUri", "code", "preferredLabel", "status", "altLabels", "inScheme"]
CODE_COLUMNS = ["code_rome", "code_fiche_metier", "code_ogr", "libelle_rome", "statut"]
APPELLATION_COLUMNS = [
    *("code_ogr", "libelle_appellation_long", "libelle_appellation_court", "code_rome"),
    *("code_type_section_appellation", "libelle_type_section_appellation", "statut"),
]
ESCO = "http://data.europa.eu/esco/occupation/"
SOCIAL_WORKER = "4b05bef2-ded4-4b09-ab94-f4c6a555a775"
EDUCATOR = "fa4a3b52-990c-44eb-a912-490f5d689400"


def write_csv(path, columns, records, *, delimiter=",", encoding="utf-8"):
    """Write records, with empty values for missing columns, and return the path."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def occupation(code, preferred, *alternatives, **values):
    """Return a record of `occupations_<language>.csv`."""
    return {
        "conceptType": "Occupation",
        "conceptUri": ESCO + code,
        "iscoGroup": "2635",
        "preferredLabel": preferred,
        "altLabels": "\n".join(alternatives),
        "status": "released",
        "description": "Helps people,\nin “many” ways.",
        "code": "2635.3",
    } | values


def esco_file(folder, language, *occupations, encoding="utf-8"):
    return write_csv(folder / f"occupations_{language}.csv", ESCO_COLUMNS, occupations, encoding=encoding)


def rome_codes(folder, names, **options):
    records = [{"code_rome": code, "libelle_rome": name, "statut": "1"} for code, name in names.items()]
    return write_csv(folder / "unix_referentiel_code_rome_v346_utf8.csv", CODE_COLUMNS, records, **options)


def rome_appellations(folder, appellations, **options):
    records = [
        {"code_ogr": str(10_000 + number), "code_rome": code, "libelle_appellation_long": name}
        for number, (code, name) in enumerate(appellations)
    ]
    name = "unix_referentiel_appellation_v346_utf8.csv"
    return write_csv(folder / name, APPELLATION_COLUMNS, records, **options)
