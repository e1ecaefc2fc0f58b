"""Tests that docs/document.md names exactly the keys of the golden answers, and that tables list every declaration."""

import json
import re

import pytest

from cms.blocks import streams
from cms.content_types.registry import document_types
from search.facets import FACETS

from . import document_md
from .conftest import GOLDEN
from .samples import KEYS

API_MD = (GOLDEN.parents[1] / "docs" / "api.md").read_text(encoding="utf-8")
SHARED = document_md.shared()


def test_document_md_describes_every_type_and_every_block():
    assert set(document_md.contents()) == {document_type.name for document_type in document_types()}
    assert list(SHARED["Block"]) == [kind for kind, _block in streams.BODY]


def test_the_tables_of_document_md_and_api_md_list_every_type_list_and_facet():
    (types,) = re.findall(r"^\| `type` \| (.+) \|$", document_md.TEXT, flags=re.MULTILINE)
    assert set(re.findall("`(.+?)`", types)) == {document_type.name for document_type in document_types()}

    tables = "\n".join(line for line in API_MD.splitlines() if line.startswith("|"))
    named = set(re.findall("`(.+?)`", tables))
    assert {f"{each.api_list}/" for each in document_types() if each.api_list} <= named
    assert {facet.name for facet in FACETS if facet.is_api_filter} <= named


@pytest.mark.parametrize("name", KEYS)
def test_document_md_names_the_keys_of_the_answer(name):
    document = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    shape = document_md.envelope() | {"content": document_md.contents()[document["type"]]}

    assert list(differences(document, shape, name)) == []


def differences(value, shape, path):
    """Yield a line for each path where a value does not have the described shape."""
    match shape:
        case _ if value is None:
            return
        case "Block":
            yield from differences(value["value"], SHARED["Block"].get(value["type"]), f"{path}<{value['type']}>")
        case str():
            yield from differences(value, SHARED.get(shape), path)
        case list() if isinstance(value, list):
            for member in value:
                yield from differences(member, shape[0], path)
        case dict() if isinstance(value, dict):
            for key in sorted(set(shape) ^ set(value)):
                yield f"{path}.{key}: only in {'docs/document.md' if key in shape else 'the answer'}"
            for key in set(shape) & set(value):
                yield from differences(value[key], shape[key], f"{path}.{key}")
        case None if not any(isinstance(each, dict) for each in (value if isinstance(value, list) else [value])):
            return
        case _:
            yield f"{path}: {value!r} is not of the shape {shape!r}"
