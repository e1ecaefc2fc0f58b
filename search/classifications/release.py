"""What one import brings of a classification, whatever files it was read from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from search.models import Concept

VERSION = re.compile(r"v(\d+(?:\.\d+)*)", re.IGNORECASE)


@dataclass(frozen=True)
class ConceptNames:
    """What a concept is called in a language; None is what the files do not say, and stays as it is."""

    preferred: str | None = None
    alternatives: tuple[str, ...] | None = None


@dataclass
class ReleaseEntry:
    """A concept of a release; `names` by language. "" for notation and group is what the files do not say."""

    code: str
    notation: str = ""
    group: str = ""
    status: str = Concept.Status.CURRENT
    names: dict[str, ConceptNames] = field(default_factory=dict)


@dataclass(frozen=True)
class Release:
    """Concepts of one scheme by code. One that is complete has all that are not dropped."""

    scheme: Concept.Scheme
    name: str
    languages: tuple[str, ...]
    entries: dict[str, ReleaseEntry]
    is_complete: bool = True


def release_number(path: str) -> str:
    """Return the number of the release that official names of files and folders carry ("v1.2.0", "v460"), or ""."""
    found = VERSION.findall(path)
    return found[-1] if found else ""


def alternative_names(names: Iterable[str], preferred: str = "") -> tuple[str, ...]:
    """Return other names in their order, each once, without the preferred one."""
    stripped = (name.strip() for name in names)
    return tuple(dict.fromkeys(name for name in stripped if name and name != preferred))
