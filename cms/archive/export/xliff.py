"""Writes XLIFF 2.0 documents (OASIS Standard, 2014) for one pair of languages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

NAMESPACE = "urn:oasis:names:tc:xliff:document:2.0"
# XML 1.0 excludes these characters, even escaped; XLIFF writes them as <cp hex="…"/>.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True)
class XliffUnit:
    """A string with its path in the content. `target` is "" if it is not translated."""

    path: str
    source: str
    target: str


@dataclass(frozen=True)
class XliffFile:
    """The strings of a page or snippet. `id` is its translation key."""

    id: str
    title: str
    units: list[XliffUnit] = field(default_factory=list)


def xliff_document(source: str, target: str, contents: Iterable[XliffFile]) -> Iterator[str]:
    """Yield an XLIFF document of two languages (BCP 47), one `file` element for each content."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<xliff xmlns="{NAMESPACE}" version="2.0" srcLang={quoteattr(source)} trgLang={quoteattr(target)}>\n'
    for content in contents:
        yield f"  <file id={quoteattr(content.id)} original={quoteattr(_without_control_characters(content.title))}>\n"
        for number, unit in enumerate(content.units, start=1):
            yield from _unit(number, unit)
        yield "  </file>\n"
    yield "</xliff>\n"


def _unit(number: int, unit: XliffUnit) -> Iterator[str]:
    yield f'    <unit id="u{number}" name={quoteattr(unit.path)}>\n'
    yield f'      <segment state="{"translated" if unit.target else "initial"}">\n'
    yield f'        <source xml:space="preserve">{_text(unit.source)}</source>\n'
    if unit.target:
        yield f'        <target xml:space="preserve">{_text(unit.target)}</target>\n'
    yield "      </segment>\n    </unit>\n"


def _text(value: str) -> str:
    parts = escape(value.replace("\r\n", "\n"))
    return _FORBIDDEN.sub(lambda match: f'<cp hex="{ord(match.group()):04X}"/>', parts)


def _without_control_characters(value: str) -> str:
    return _FORBIDDEN.sub(" ", value)
