"""Reads the TOML files of `content/` into records, which are found by kind and key."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

FOLDER = Path(__file__).parent
CONTENT_FOLDER = FOLDER / "content"
ASSETS_FOLDER = FOLDER / "assets"
TRANSLATIONS_FOLDER = FOLDER / "translations"

NAMESPACE = UUID("7d0f1f5e-6a2d-4a4e-9d5c-0c8c4f6f3b51")
RECORD_KINDS = ("organisation", "image", "document", "video", "consent", "page")

Record = dict[str, Any]


def stable_uuid(*names: str | int) -> UUID:
    """Return the UUID derived from the names, so that a second run finds the rows of the first one."""
    return uuid5(NAMESPACE, "/".join(map(str, names)))


@dataclass(frozen=True)
class DemoContent:
    """The content of the demo in the order of the files, departments first."""

    departments: list[Record] = field(default_factory=list)
    records: dict[str, dict[str, Record]] = field(default_factory=lambda: {kind: {} for kind in RECORD_KINDS})

    def record(self, kind: str, key: str) -> Record:
        """Return one record. Raise KeyError with its reference if no file defines it."""
        try:
            return self.records[kind][key]
        except KeyError:
            raise KeyError(f"@{kind}:{key}") from None

    @property
    def pages(self) -> list[Record]:
        return list(self.records["page"].values())


def read_demo_content() -> DemoContent:
    """Read all content files. Raise ValueError for a duplicate key."""
    demo_content = DemoContent()
    for path in sorted(CONTENT_FOLDER.glob("*.toml"), key=lambda path: (path.stem != "departments", path.stem)):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        demo_content.departments.extend(content.pop("department", []))
        for kind, records in content.items():
            for record in records:
                if record["key"] in demo_content.records[kind]:
                    raise ValueError(f"{path.name}: @{kind}:{record['key']} is there twice")
                demo_content.records[kind][record["key"]] = record
    return demo_content


def is_reference(value: Any, kind: str = "") -> bool:
    """Return True if a value is a reference to a record, such as `@image:salon`; `kind` limits it to one kind."""
    return isinstance(value, str) and value.startswith(f"@{kind}") and ":" in value


def contains_page_reference(value: Any) -> bool:
    """Return True if a value contains a reference to a page, at any depth."""
    if isinstance(value, dict):
        return any(map(contains_page_reference, value.values()))
    if isinstance(value, list):
        return any(map(contains_page_reference, value))
    return is_reference(value, "page")
