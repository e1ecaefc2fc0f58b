"""Finds translations of the same and of similar texts in the memory of a department and of those that share theirs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from rapidfuzz import fuzz
from wagtail.models import Page

from cms.translations.exchange.inline_codes import canonical_html, plain_text
from cms.translations.models import MemoryBand, MemoryPair
from sites.access.references.private_pages import is_restricted
from sites.access.references.published_pages import published_pages
from sites.models import Department

from .fitted_tags import fit_tags
from .pair_storage import is_storable
from .signatures import Scope, bands_of, digest_of, signature_of

MIN_PERCENTAGE = 70
MAX_SUGGESTIONS = 5
# Pairs of texts that are compared with one text: those with the most bands in common.
MAX_CANDIDATES = 50


@dataclass(frozen=True)
class WantedText:
    """A text for which suggestions are wanted, and its present translation or "", as HTML."""

    source: str
    target: str = ""


@dataclass(frozen=True)
class Suggestion:
    """A translation from a memory: its own source text, and the text to insert, whose tags fit the wanted text.

    `percentage` is the similarity of the source texts. `department` is the other department whose memory has it, or
    None for the own one; then `content` is the title of the content that used it last, or "".
    """

    source: str
    target: str
    percentage: int
    pair: MemoryPair
    department: Department | None
    content: str = ""


def find_suggestions(wanted: Sequence[WantedText], scope: Scope) -> list[list[Suggestion]]:
    """Return the suggestions for each text, the best first: at most MAX_SUGGESTIONS of at least MIN_PERCENTAGE.

    Texts of other departments are offered only if both departments share their memories now, and if the content that
    used them is public now, in both languages. The present translation of a text is not suggested. At most eight
    queries.
    """
    texts = [text for text in dict.fromkeys(wanted) if is_storable(text.source, text.source)]
    if not texts:
        return [[] for _text in wanted]
    others = {department.pk: department for department in _sharing_departments(scope.department)}
    scopes = [scope, *(scope._replace(department=key) for key in others)]
    candidates = _candidates(texts, scopes)
    public = _public_contents(scope, (pair for found in candidates.values() for pair in found))
    best = {
        text: _best(text, [pair for pair in found if _is_offered(pair, scope, public)], scope)
        for text, found in candidates.items()
    }
    titles = _titles(scope, (pair for found in best.values() for pair, _percentage in found))
    return [
        [
            Suggestion(
                source=pair.source,
                target=fit_tags(canonical_html(text.source), pair.target),
                percentage=percentage,
                pair=pair,
                department=others.get(pair.department_id),
                content=titles.get(pair.content, "") if pair.department_id == scope.department else "",
            )
            for pair, percentage in best.get(text, [])
        ]
        for text in wanted
    ]


def _sharing_departments(department: int) -> list[Department]:
    """Return the other departments with which a department shares its memory. One query."""
    sharing = Department.objects.filter(shares_translation_memory=True, suspended_at=None)
    departments = {each.pk: each for each in sharing.only("name", "code")}
    return list(departments.values()) if departments.pop(department, None) is not None else []


def _candidates(texts: Sequence[WantedText], scopes: Sequence[Scope]) -> dict[WantedText, list[MemoryPair]]:
    """Return the pairs with the same source text, and those with the most bands in common. Three queries."""
    by_band: defaultdict[int, list[WantedText]] = defaultdict(list)
    by_digest: defaultdict[str, list[WantedText]] = defaultdict(list)
    for text in texts:
        source = canonical_html(text.source)
        by_digest[digest_of(source)].append(text)
        signature = signature_of(plain_text(source))
        for scope in scopes:
            for band in bands_of(signature, scope):
                by_band[band].append(text)
    common: defaultdict[WantedText, Counter[int]] = defaultdict(Counter)
    for band, key in MemoryBand.objects.filter(band__in=by_band).values_list("band", "pair"):
        for text in by_band[band]:
            common[text][key] += 1
    keys = {text: [key for key, _number in each.most_common(MAX_CANDIDATES)] for text, each in common.items()}
    found = MemoryPair.objects.in_bulk({key for each in keys.values() for key in each})
    candidates = {text: {key: found[key] for key in keys.get(text, ()) if key in found} for text in texts}
    for equal in _equal_pairs(by_digest, scopes, MAX_CANDIDATES * len(texts)):
        for text in by_digest[equal.source_digest]:
            candidates[text][equal.pk] = equal
    return {text: list(pairs.values()) for text, pairs in candidates.items()}


def _equal_pairs(digests: Collection[str], scopes: Sequence[Scope], limit: int) -> Iterable[MemoryPair]:
    """Return pairs with the same source text, those used last first, so that a full band cannot hide them."""
    return MemoryPair.objects.filter(
        department__in=[scope.department for scope in scopes],
        source_locale=scopes[0].source_locale,
        target_locale=scopes[0].target_locale,
        source_digest__in=digests,
    ).order_by("-used_at")[:limit]


def _public_contents(scope: Scope, pairs: Iterable[MemoryPair]) -> set[UUID]:
    """Return the contents of other departments that readers can see in both languages. Two queries, none without any.

    A live page is not enough: a testimonial is withdrawn while a consent is missing, and its texts have the name.
    """
    keys = {pair.content for pair in pairs if pair.department_id != scope.department and pair.content is not None}
    if not keys:
        return set()
    pages = Page.objects.filter(translation_key__in=keys, live=True).exclude(is_restricted()).order_by()
    rows = list(pages.values_list("pk", "translation_key", "locale"))
    published = published_pages(pk for pk, _key, _locale in rows)
    versions = {(key, locale) for pk, key, locale in rows if pk in published}
    return {key for key in keys if {(key, scope.source_locale), (key, scope.target_locale)} <= versions}


def _is_offered(pair: MemoryPair, scope: Scope, public: Collection[UUID]) -> bool:
    return pair.department_id == scope.department or pair.content is None or pair.content in public


def _best(text: WantedText, pairs: Iterable[MemoryPair], scope: Scope) -> list[tuple[MemoryPair, int]]:
    """Return the most alike pairs with their percentages, each translation once."""
    source = canonical_html(text.source)
    plain, present = _comparable(source), canonical_html(text.target)
    rated = []
    for pair in pairs:
        similarity = 100 if pair.source == source else _similarity(plain, _comparable(pair.source))
        if similarity >= MIN_PERCENTAGE and pair.target != present:
            rated.append((pair, similarity))
    rated.sort(key=lambda each: (-each[1], each[0].department_id != scope.department, -each[0].used_at.timestamp()))
    once: dict[str, tuple[MemoryPair, int]] = {}
    for pair, percentage in rated:
        once.setdefault(pair.target, (pair, percentage))
    return list(once.values())[:MAX_SUGGESTIONS]


def _comparable(html: str) -> str:
    return " ".join(plain_text(html).split())


def _similarity(text: str, other: str) -> int:
    """Return the similarity of two texts that are not the same, in percent: at most 99, and 0 below MIN_PERCENTAGE."""
    return min(99, int(fuzz.ratio(text, other, score_cutoff=MIN_PERCENTAGE)))


def _titles(scope: Scope, pairs: Iterable[MemoryPair]) -> dict[UUID | None, str]:
    """Return the titles of the own contents that used pairs, in the source language, by content. One query."""
    keys = {pair.content for pair in pairs if pair.department_id == scope.department and pair.content is not None}
    if not keys:
        return {}
    pages = Page.objects.filter(translation_key__in=keys, locale=scope.source_locale).order_by()
    return {page.translation_key: page.get_admin_display_title() for page in pages}
