"""Parser of the shapes in docs/document.md, for the comparison with the API's answers.

A shape is a dict of shapes by key, a list of the one shape of its items, the name of a shared shape ("Card"), or
None for a plain value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TEXT = (Path(__file__).parents[2] / "docs" / "document.md").read_text(encoding="utf-8")
TOKEN = re.compile(r'"[^"]*"|[\[\]{}:,|]|\w+')
ENTRY = re.compile(r"`([a-z_]+)`((?:\s*(?!`[a-z_]+`)(?:`[^`]*`|[^`,]+))*)")


def sections() -> dict[str, str]:
    """Return the text of each section by its heading."""
    parts = re.split(r"^## (.+)$", TEXT, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def envelope() -> dict[str, Any]:
    """Return the shapes of the keys that every document has."""
    rows = re.findall(r"^\| (`.+`) \| (.+) \|$", sections()["Every document"], flags=re.MULTILINE)
    return {key: _shape(_first_piece(text)) for keys, text in rows for key in re.findall("`(.+?)`", keys)}


def contents() -> dict[str, dict[str, Any]]:
    """Return the shape of `content` by type of document."""
    return {name: dict(_entries(text)) for name, text in _named(sections()["Content by type"])}


def shared() -> dict[str, Any]:
    """Return the shared shapes by name; `Block` holds the shape of a value by type of block."""
    shapes: dict[str, Any] = {}
    for name, text in _named(sections()["Shared shapes"].replace("\n- ", "\n\n")):
        is_block = name == "Block"
        shapes[name] = dict(_entries(text.partition("types:")[2])) if is_block else _shape(_first_piece(text))
    return shapes


def _named(text: str) -> Iterator[tuple[str, str]]:
    """Yield (name, text) of the paragraphs that start with a name in bold."""
    for paragraph in text.split("\n\n"):
        if match := re.match(r"\s*\*\*(\w+)\*\*\s+(.+)", paragraph, flags=re.DOTALL):
            yield match[1], " ".join(match[2].split())


def _first_piece(text: str) -> str:
    """Return the first non-empty piece of a text, in backticks or before them."""
    return next(filter(None, (piece.strip() for piece in text.split("`"))))


def _entries(text: str) -> Iterator[tuple[str, Any]]:
    """Yield (key, shape) of a list such as: `title` text, `venue` `{"name"}`|null, `cards` `[Card]` (a remark)."""
    for entry in ENTRY.finditer(re.sub(r"\([^()]*\)", "", text)):
        yield entry[1], _shape(entry[2])


def _shape(text: str) -> Any:
    return _parsed(TOKEN.findall(text))


def _parsed(tokens: list[str]) -> Any:
    """Consume one shape from the tokens and return it; of alternatives, the first that is not plain."""
    first_shape: Any = None
    while tokens and tokens[0] not in ("]", "}", ","):
        token = tokens.pop(0)
        shape: Any = None
        if token == "[":
            shape = [_parsed(tokens)]
            tokens.pop(0)
        elif token == "{":
            shape = _members(tokens)
        elif token[0].isupper():
            shape = token
        first_shape = first_shape or shape
    return first_shape


def _members(tokens: list[str]) -> dict[str, Any]:
    """Consume the members of an object with its closing brace from the tokens and return them."""
    members = {}
    while tokens[0] != "}":
        key = tokens.pop(0).strip('"')
        # The text of Card does not name the shape of `image`.
        members[key] = _parsed(tokens) or ("Image" if key == "image" else None)
        if tokens[0] == ",":
            tokens.pop(0)
    tokens.pop(0)
    return members
