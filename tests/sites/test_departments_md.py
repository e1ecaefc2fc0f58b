"""docs/departments.md lists the roles of `sites.roles`, and its images exist and are small."""

import re
from pathlib import Path

from django.utils import translation

from sites.roles import ROLES, Capability

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "departments.md"
MAXIMUM_BYTES = 150_000
PAGES = {
    "add": "writes pages",
    "change": "changes pages of others",
    "publish": "publishes and withdraws pages",
    "lock": "locks pages",
    "unlock": "unlocks pages that others locked",
    "bulk_delete": "deletes pages with those below them",
    "view": "sees the page tree without changing it",
}
FILES = {
    "add": "adds images and documents",
    "change": "changes images and documents of others",
    "choose": "chooses images and documents for pages",
}
COLLECTIONS = {"add": "makes collections", "change": "renames collections", "delete": "deletes collections"}


def expected_table():
    """Return the table in Markdown: a line for each action, a column for each role."""
    with translation.override("en"):
        heads = [str(role.label) + (" *" if role.for_each_locale else "") for role in ROLES]
    lines = [
        *((words, [verb in role.page_permissions for role in ROLES]) for verb, words in PAGES.items()),
        *((words, [verb in role.media_permissions for role in ROLES]) for verb, words in FILES.items()),
        *((words, [verb in role.collection_permissions for role in ROLES]) for verb, words in COLLECTIONS.items()),
        *((capability.value, [capability in role.capabilities for role in ROLES]) for capability in Capability),
    ]
    rows = [["", *heads], ["---", *([":---:"] * len(ROLES))]]
    rows += [[words, *("yes" if held else "" for held in marks)] for words, marks in lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def test_the_table_of_roles_is_that_of_the_code():
    table = expected_table()
    assert table in GUIDE.read_text(), f"docs/departments.md should hold this table:\n{table}"


def test_every_permission_has_a_description():
    for role in ROLES:
        assert set(role.page_permissions) <= set(PAGES)
        assert set(role.media_permissions) <= set(FILES)
        assert set(role.collection_permissions) <= set(COLLECTIONS)


def test_pictures_and_links_lead_somewhere_and_pictures_are_small():
    targets = re.findall(r"\]\(([^)#]+)\)", GUIDE.read_text())
    pictures = [target for target in targets if target.endswith(".png")]
    assert len(pictures) >= 8
    for target in targets:
        assert (GUIDE.parent / target).exists(), target
    for picture in pictures:
        assert (GUIDE.parent / picture).stat().st_size < MAXIMUM_BYTES, picture
