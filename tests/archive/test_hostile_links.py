"""A restored archive has no harmful link: every text and URL of its rows is checked as the forms check it."""

import itertools
import json
import shutil
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import URLField
from wagtail import blocks
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page

from cms.archive import tables
from cms.archive.archive_file import ArchiveError
from cms.archive.restore.importer import import_department
from cms.pages.models import ContentPage
from sites.validation.links import refuse_harmful_links

from .archives import change_rows, rows_of, undone

# A path of the site is refused in a text only where it depends on the URL of its page.
HARMFUL = (
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "\x01javascript:alert(1)", "vbscript:x",
    "data:text/html,<script>alert(1)</script>", "//evil.example/", "/\\evil.example/", "blob:https://example.org/1",
    "evil/", "../evil/", "?evil", "#evil", "file:///etc/passwd",
)  # fmt: skip
LINKED = (URLField, RichTextField, StreamField)
MODELS = [
    model
    for model in apps.get_models()
    if model in {table.model for table in vars(tables).values() if isinstance(table, tables.Table)}
    or issubclass(model, ContentPage)
]
# A new kind of block is classified here: the first with URLs, the second without.
CHECKED_BLOCKS = (blocks.RichTextBlock, blocks.URLBlock, blocks.RawHTMLBlock)
BLOCKS_WITHOUT_ADDRESSES = (
    blocks.CharBlock, blocks.TextBlock, blocks.ChoiceBlock, blocks.IntegerBlock, blocks.DateBlock, blocks.TimeBlock,
    blocks.BooleanBlock, blocks.EmailBlock, blocks.RegexBlock, blocks.ChooserBlock,
)  # fmt: skip


def html(url):
    return f'<p><a href="{url.replace("<", "&lt;").replace(chr(34), "&quot;")}">x</a></p>'


def raw_values(block, url):
    """Yield the raw values of a block with one URL each, for every place that can have one."""
    match block:
        case blocks.StreamBlock():
            for name, child in block.child_blocks.items():
                yield from ([{"type": name, "value": value}] for value in raw_values(child, url))
        case blocks.ListBlock():
            items = raw_values(block.child_block, url)
            yield from ([{"type": "item", "id": str(uuid4()), "value": value}] for value in items)
        case blocks.StructBlock():
            for name, child in block.child_blocks.items():
                yield from ({name: value} for value in raw_values(child, url))
        case blocks.URLBlock():
            yield url
        case blocks.RichTextBlock() | blocks.RawHTMLBlock():
            yield html(url)


def values_of(field, url):
    """Return the values of a field, as rows of archives have them, with one URL each."""
    if isinstance(field, StreamField):
        return [json.dumps(value) for value in raw_values(field.stream_block, url)]
    return [html(url) if isinstance(field, RichTextField) else url]


def leaves(block):
    children = getattr(block, "child_blocks", {}).values() or filter(None, [getattr(block, "child_block", None)])
    yield from itertools.chain.from_iterable(map(leaves, children)) if children else [block]


def fields_of(model):
    return [field for field in model._meta.concrete_fields if isinstance(field, LINKED)]


def test_every_kind_of_block_is_known():
    for field in (field for model in MODELS for field in fields_of(model) if isinstance(field, StreamField)):
        for leaf in leaves(field.stream_block):
            assert isinstance(leaf, CHECKED_BLOCKS + BLOCKS_WITHOUT_ADDRESSES), leaf


@pytest.mark.parametrize("url", HARMFUL)
def test_every_field_of_every_archived_model_refuses_it(db, url):
    accepted, checked = [], 0
    for model, field in [(each, field) for each in MODELS for field in fields_of(each)]:
        for value in values_of(field, url):
            instance = model()
            setattr(instance, field.name, field.to_python(value))
            checked += 1
            try:
                refuse_harmful_links(instance)
                field.clean(value, instance) if isinstance(field, URLField) and not issubclass(model, Page) else None
            except ValidationError:
                continue
            accepted.append((model.__name__, field.name, value))
    assert accepted == []
    assert checked > 30


def hostile_rows(archive):
    """Yield (file, number of the row, change) for each field of each type of page, and of its draft."""
    urls, changed = itertools.cycle(HARMFUL), set()

    def new_fields(file, model):
        fields = [field for field in fields_of(model) if (file, model, field.name) not in changed]
        changed.update((file, model, field.name) for field in fields)
        return fields

    pages = rows_of(archive, tables.PAGES.file)
    models = {row["id"]: apps.get_model(row["type"]) for row in pages}
    for number, row in enumerate(pages):
        for field in new_fields(tables.PAGES.file, models[row["id"]]):
            for value in values_of(field, next(urls))[:1]:
                yield tables.PAGES.file, number, lambda row, name=field.name, value=value: row.update({name: value})
    latest = {row["latest_revision"]: row["id"] for row in pages if row.get("has_unpublished_changes")}
    for number, row in enumerate(rows_of(archive, tables.REVISIONS.file)):
        for field in new_fields(tables.REVISIONS.file, models[latest[row["id"]]]) if row["id"] in latest else ():
            for value in values_of(field, next(urls))[:1]:
                change = {field.name: value}
                yield tables.REVISIONS.file, number, lambda row, change=change: row["content"].update(change)


@pytest.mark.django_db
@pytest.mark.embedded
def test_no_page_or_draft_of_an_archive_is_restored_with_it(archive, tmp_path):
    restored, files = [], set()
    for file, number, change in hostile_rows(archive):
        changed = tmp_path / "changed"
        shutil.copytree(archive, changed)
        change_rows(changed, file, lambda rows, number=number, change=change: change(rows[number]))
        with undone():
            try:
                import_department(changed)
            except ArchiveError:
                files.add(file)
            else:
                restored.append((file, number, rows_of(changed, file)[number]))
        shutil.rmtree(changed)
    assert restored == []
    assert files == {tables.PAGES.file, tables.REVISIONS.file}
