"""SCHEMA.md of an archive: what each of its files is and what each member of a row says."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import translation

from cms.pages.checks import page_types

from .archive_file import FORMAT_VERSION
from .row_serialization import columns_of
from .tables import MEDIA_FOLDER, PAGE_LEFT_OUT, PAGES, PRIVATE_FOLDER, TABLES, Table, describe

OTHER_FILES = {
    "manifest.json": "Format and product version, the department, counts, and size and SHA-256 of every other file. "
    "`signature` is that of the instance which wrote it.",
    "SCHEMA.md": "This file.",
    "department.json": "Code, name, slug, address, languages, contact, colours and logo of the department.",
    "consents.csv": "The register of consents for people, UTF-8 with a heading line.",
    "translations/*.xlf": "XLIFF 2.0 (OASIS), one file for each pair of languages: `fr-it.xlf`. For translation "
    "tools; import reads strings.ndjson.",
    f"{MEDIA_FOLDER}*": "Files of the media folder, by the name that rows give.",
    f"{PRIVATE_FOLDER}*": "Proofs of consents, by the name that rows give.",
}


def schema_text() -> Iterator[str]:
    """Yield SCHEMA.md, made from the tables and the models, in English whoever exports."""
    with translation.override("en"):
        yield f"# Archive of a department, format version {FORMAT_VERSION}\n\n"
        yield "Every `.ndjson` file has one JSON object on each line. Times are ISO 8601 with an offset.\n"
        for name, meaning in OTHER_FILES.items():
            yield f"\n## {name}\n\n{meaning}\n"
        for table in TABLES:
            yield f"\n## {table.file}\n\n{table.meaning}\n\n"
            yield from _lines(table.column_texts())
            if table is PAGES:
                yield from _page_types(table)


def members_of(table: Table, page_type: str = "") -> set[str]:
    """Return the members that a row may have; those of one page type when it is named (`pages.eventpage`)."""
    own = next((model for model in page_types() if model._meta.label_lower == page_type), None)
    columns = columns_of(own, PAGE_LEFT_OUT) if own else ()
    return {*table.column_texts(), *(column.name for column in columns)}


def _page_types(table: Table) -> Iterator[str]:
    shared = table.column_texts()
    for model in page_types():
        yield f"\n### {model._meta.label_lower}\n\n"
        own = {column.name: describe(column) for column in columns_of(model, PAGE_LEFT_OUT)}
        yield from _lines({name: text for name, text in own.items() if name not in shared})


def _lines(texts: dict[str, str]) -> Iterator[str]:
    yield from (f"- `{name}`: {text}\n" for name, text in texts.items())
