"""A release of a classification, independent of the format of its files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from search.models import Concept

VERSION = re.compile(r"v(\d+(?:\.\d+)*)", re.IGNORECASE)


@dataclass(frozen=True)
class ConceptNames:
    """The names of a concept in a language. None for names that the files lack; they stay unchanged."""

    preferred: str | None = None
    alternatives: tuple[str, ...] | None = None


@dataclass
class ReleaseEntry:
    """A concept of a release with its names by language. "" stands for a notation or group that the files lack."""

    code: str
    notation: str = ""
    group: str = ""
    status: str = Concept.Status.CURRENT
    names: dict[str, ConceptNames] = field(default_factory=dict)


@dataclass(frozen=True)
class Release:
    """The concepts of one scheme by code. A code that is missing in a complete release has been dropped."""

    scheme: Concept.Scheme
    name: str
    languages: tuple[str, ...]
    entries: dict[str, ReleaseEntry]
    is_complete: bool = True


def release_number(path: str) -> str:
    """Return the release number in an official file or folder name ("v1.2.0", "v460"); "" if there is none."""
    numbers = VERSION.findall(path)
    return numbers[-1] if numbers else ""


def alternative_names(names: Iterable[str], preferred: str = "") -> tuple[str, ...]:
    """Return the names in order, each once, without the preferred name."""
    stripped = (name.strip() for name in names)
    return tuple(dict.fromkeys(name for name in stripped if name and name != preferred))
