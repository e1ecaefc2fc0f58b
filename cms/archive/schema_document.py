"""Generates SCHEMA.md, which describes the files of an archive and the members of their rows."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import translation

from cms.pages.checks import page_types

from .archive_file import FORMAT_VERSION
from .row_serialization import archived_fields
from .tables import MEDIA_FOLDER, PAGE_EXCLUDED_FIELDS, PAGES, PRIVATE_FOLDER, TABLES, Table, describe_field

OTHER_FILES = {
    "manifest.json": "Format and product version, the department, counts, and size and SHA-256 of every other file. "
    "`signature` is the signature of the instance that wrote the archive.",
    "SCHEMA.md": "This file.",
    "department.json": "Code, name, slug, address, languages, contact, colours and logo of the department.",
    "consents.csv": "The register of consents for spreadsheets, UTF-8 with a heading line.",
    "translations/*.xlf": "XLIFF 2.0 (OASIS), one file for each pair of languages: `fr-it.xlf`. For translation "
    "tools; import reads strings.ndjson.",
    f"{MEDIA_FOLDER}*": "Files of the media folder, under the names in the rows.",
    f"{PRIVATE_FOLDER}*": "Proofs of consents, under the names in the rows.",
}


def schema_text() -> Iterator[str]:
    """Yield the text of SCHEMA.md in parts, generated from tables and models, always in English."""
    with translation.override("en"):
        yield f"# Archive of a department, format version {FORMAT_VERSION}\n\n"
        yield "Every `.ndjson` file has one JSON object on each line. Times are ISO 8601 with an offset.\n"
        for name, meaning in OTHER_FILES.items():
            yield f"\n## {name}\n\n{meaning}\n"
        for table in TABLES:
            yield f"\n## {table.file}\n\n{table.description}\n\n"
            yield from _list_items(table.member_descriptions())
            if table is PAGES:
                yield from _page_type_sections(table)


def _page_type_sections(table: Table) -> Iterator[str]:
    shared = table.member_descriptions()
    for model in page_types():
        yield f"\n### {model._meta.label_lower}\n\n"
        own = {column.name: describe_field(column) for column in archived_fields(model, PAGE_EXCLUDED_FIELDS)}
        yield from _list_items({name: text for name, text in own.items() if name not in shared})


def _list_items(texts: dict[str, str]) -> Iterator[str]:
    yield from (f"- `{name}`: {text}\n" for name, text in texts.items())
