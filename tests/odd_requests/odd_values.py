"""Values that no form sends, or that people send by mistake."""

from __future__ import annotations

import json
from typing import Any

MISSING_KEY = "999999999"
LONG_TEXT = "x" * 5000
HUGE_NUMBER = str(10**30)
# More than Python converts (sys.get_int_max_str_digits).
LONG_NUMBER = "9" * 5000
DEEP_JSON = "[" * 50_000 + "]" * 50_000

TEXTS = (
    "a\0b",
    LONG_TEXT,
    HUGE_NUMBER,
    "-1",
    "abc",
    "\u202egnp.exe\u2066",
    "0001-01-01",
    "9999-12-31",
    "2025-02-29",
    "25:61",
    "NaN",
    "1e400",
    LONG_NUMBER,
    "http://[",
    "javascript:alert(1)",
    "2026-10-25 02:30",
)
KEYS = ("abc", "-1", HUGE_NUMBER, "0", MISSING_KEY, "a\0b", "1.5", "[]", LONG_NUMBER, "٣", "null", "True")
NUMBERS = ("abc", "-1", "", HUGE_NUMBER, "100000000", "1.5", "a\0b", LONG_NUMBER, "٣", "NaN")
BLOCK_IDS = ("x", "a\0b", LONG_TEXT, "00000000-0000-4000-8000-00000000000", "\u202e")
TYPES = ("unknown", "", "a\0b", LONG_TEXT, "__class__")


def _content(*blocks: Any, entities: Any = None) -> str:
    return json.dumps({"blocks": list(blocks), "entityMap": {} if entities is None else entities})


def _block(**changes: Any) -> dict[str, Any]:
    block = {"key": "abcde", "type": "unstyled", "depth": 0, "text": "some text", "data": {}}
    return block | {"inlineStyleRanges": [], "entityRanges": []} | changes


def _entity(kind: Any, data: Any, key: Any = 0) -> str:
    ranges = [{"key": key, "offset": 0, "length": 4}]
    return _content(_block(entityRanges=ranges), entities={"0": {"type": kind, "mutability": "MUTABLE", "data": data}})


def _style(**changes: Any) -> str:
    return _content(_block(inlineStyleRanges=[{"offset": 0, "length": 4, "style": "BOLD"} | changes]))


# Their cost grows with a number that the request names, or with the square of its length.
COSTLY_RICH_TEXTS = (
    _content(_block(depth=10**30, type="unordered-list-item")),
    _content(_block(text="\n" * 100_000)),
    _content(_block(inlineStyleRanges=[{"offset": i, "length": 4000 - 2 * i, "style": f"S{i}"} for i in range(2000)])),
    _content(_block(inlineStyleRanges=[{"offset": i, "length": 1, "style": "BOLD"} for i in range(20_000)])),
)
RICH_TEXTS = (
    *COSTLY_RICH_TEXTS,
    "{",
    "",
    "null",
    "1",
    "[]",
    '"x"',
    "<p>HTML</p>",
    DEEP_JSON,
    "[" * 900 + "]" * 900,
    "{}",
    '{"blocks": null, "entityMap": {}}',
    '{"blocks": {}, "entityMap": []}',
    '{"blocks": []}',
    '{"blocks": [], "entityMap": {}, "x": NaN}',
    _content(1),
    _content(None),
    _content({}),
    _content(_block(type="unknown")),
    _content(_block(type=None)),
    _content(_block(type=["unstyled"])),
    _content(_block(type="atomic", text=" ")),
    _content(_block(text="a\0b")),
    _content(_block(text="a\ud800b")),
    _content(_block(text=LONG_TEXT)),
    _content(_block(text=None)),
    _content(_block(text=["x"])),
    _content(_block(text="\u202egnp.exe\u2066")),
    _content(_block(key=5)),
    _content(_block(key='"><script>')),
    _content(_block(key=LONG_TEXT)),
    _content(_block(depth=-1, type="unordered-list-item")),
    _content(_block(depth="abc", type="unordered-list-item")),
    _content(_block(depth=10**6, type="unordered-list-item")),
    _content(_block(depth=10**30, type="ordered-list-item")),
    _content(_block(inlineStyleRanges=None)),
    _content(_block(entityRanges=None)),
    _content(_block(entityRanges=[{"key": 7, "offset": 0, "length": 4}])),
    _content(_block(entityRanges=[1])),
    _style(style="UNKNOWN"),
    _style(style=None),
    _style(offset=-5),
    _style(offset=10**9),
    _style(length=10**9),
    _style(offset="abc"),
    _entity("UNKNOWN", {}),
    _entity(None, {}),
    _entity(["LINK"], {}),
    _entity("LINK", None),
    _entity("LINK", []),
    _entity("LINK", {}),
    _entity("LINK", {"url": None}),
    _entity("LINK", {"url": ["https://example.org/"]}),
    _entity("LINK", {"url": "javascript:alert(1)"}),
    _entity("LINK", {"url": "http://["}),
    _entity("LINK", {"url": "a\0b"}),
    _entity("LINK", {"url": LONG_TEXT}),
    _entity("LINK", {"id": "abc"}),
    _entity("LINK", {"id": 10**30}),
    _entity("LINK", {"id": [1]}),
    _entity("LINK", {"id": {"a": 1}}),
    _entity("LINK", {"id": None}),
    _entity("LINK", {"id": -1}),
    _entity("LINK", {"id": 1.5}),
    _entity("LINK", {"id": True, "parentId": "x"}),
    _entity("DOCUMENT", {"id": "abc"}),
    _entity("DOCUMENT", {"id": 10**30}),
    _entity("DOCUMENT", {"id": [1]}),
    _entity("DOCUMENT", {}),
    _entity("IMAGE", {"id": "abc", "format": "x", "alt": None}),
    _entity("IMAGE", {}),
    _entity("EMBED", {"url": "http://127.0.0.1/"}),
    _entity("HORIZONTAL_RULE", {}),
    _entity("LINK", {"url": "https://example.org/"}, key="abc"),
    _entity("LINK", {"url": "https://example.org/"}, key=[0]),
)
