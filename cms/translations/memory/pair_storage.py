"""Stores pairs of texts in the memory of a department, with their signatures, and keeps its size within its limit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Count
from django.utils import timezone

from cms.translations.exchange.inline_codes import canonical_html, plain_text
from cms.translations.models import MemoryBand, MemoryPair

from .signatures import Scope, bands_of, digest_of, signature_of

# Longer texts are not stored: they hardly ever occur twice.
MAX_TEXT_LENGTH = 5_000
# The number of pairs of one department.
MAX_PAIRS = 200_000
BATCH = 500
# A band of more pairs would make a look-up slow, and says little about similarity.
MAX_PAIRS_IN_BAND = 200

Digests = tuple[str, str]
T = TypeVar("T")


@dataclass(frozen=True)
class TextPair:
    """A text and its translation, as canonical HTML. `used_at` is None for the present time."""

    source: str
    target: str
    used_at: datetime | None = None

    @property
    def digests(self) -> Digests:
        return digest_of(self.source), digest_of(self.target)


def is_storable(source: str, target: str) -> bool:
    """Return True if a pair of texts, which are HTML, has letters and may be in a memory."""
    if max(len(source), len(target)) > MAX_TEXT_LENGTH or not plain_text(target).strip():
        return False
    return any(character.isalpha() for character in plain_text(source))


def batches(values: Iterable[T]) -> Iterator[list[T]]:
    """Yield the values in lists of at most `BATCH`."""
    rest = iter(values)
    while batch := list(islice(rest, BATCH)):
        yield batch


def store_pairs(scope: Scope, pairs: Iterable[TextPair], origin: str, content: UUID | None = None) -> int:
    """Store pairs that `is_storable` accepts; return the number of new ones.

    A pair that is there already is marked as used by `content`, if that is given; an imported one changes nothing.
    About six queries for each `BATCH` of pairs. Deletes the pairs that were used the longest time ago if the department
    has more than MAX_PAIRS.
    """
    storable = (
        TextPair(canonical_html(pair.source), canonical_html(pair.target), pair.used_at)
        for pair in pairs
        if is_storable(pair.source, pair.target)
    )
    by_digests = {pair.digests: pair for pair in storable}
    added = sum(_store_batch(scope, dict(batch), origin, content) for batch in batches(by_digests.items()))
    if added:
        _delete_surplus(scope.department)
    return added


def _store_batch(scope: Scope, pairs: dict[Digests, TextPair], origin: str, content: UUID | None) -> int:
    now = timezone.now()
    present = _keys_of(scope, pairs)
    if content is not None and present:
        MemoryPair.objects.filter(pk__in=present.values()).update(used_at=now, content=content, origin=origin)
    new = {digests: pair for digests, pair in pairs.items() if digests not in present}
    if not new:
        return 0
    rows = [
        MemoryPair(
            **_columns(scope),
            source=pair.source,
            target=pair.target,
            source_digest=digests[0],
            target_digest=digests[1],
            origin=origin,
            content=content,
            used_at=pair.used_at or now,
        )
        for digests, pair in new.items()
    ]
    # Another translation may be published at the same moment with the same text.
    MemoryPair.objects.bulk_create(rows, ignore_conflicts=True)
    _store_bands(scope, {key: new[digests].source for digests, key in _keys_of(scope, new).items()})
    return len(new)


def _keys_of(scope: Scope, pairs: Iterable[Digests]) -> dict[Digests, int]:
    """Return the primary keys of those pairs that are stored, by their digests. One query."""
    wanted = set(pairs)
    rows = MemoryPair.objects.filter(**_columns(scope), source_digest__in={source for source, _target in wanted})
    found = rows.values_list("source_digest", "target_digest", "pk")
    return {(source, target): pk for source, target, pk in found if (source, target) in wanted}


def _store_bands(scope: Scope, sources: dict[int, str]) -> None:
    """Store the bands of source texts, by the keys of their pairs. Bands that are full get no more pairs."""
    bands = {key: bands_of(signature_of(plain_text(source)), scope) for key, source in sources.items()}
    wanted = {band for each in bands.values() for band in each}
    stored = MemoryBand.objects.filter(band__in=wanted).values_list("band").annotate(number=Count("pk")).order_by()
    sizes = Counter(dict(stored))
    MemoryBand.objects.bulk_create(_with_room(bands, sizes))


def _with_room(bands: dict[int, list[int]], sizes: Counter[int]) -> Iterator[MemoryBand]:
    for key, numbers in bands.items():
        for band in numbers:
            if sizes[band] < MAX_PAIRS_IN_BAND:
                sizes[band] += 1
                yield MemoryBand(pair_id=key, band=band)


def _delete_surplus(department: int) -> None:
    pairs = MemoryPair.objects.filter(department=department)
    surplus = pairs.count() - MAX_PAIRS
    if surplus > 0:
        oldest = pairs.order_by("used_at", "pk").values_list("pk", flat=True)[:surplus]
        for keys in batches(list(oldest)):
            pairs.filter(pk__in=keys).delete()


def _columns(scope: Scope) -> dict[str, Any]:
    return {
        "department_id": scope.department,
        "source_locale_id": scope.source_locale,
        "target_locale_id": scope.target_locale,
    }
