"""Checks of a translated text against its original, in the manner of Weblate. They warn, and never refuse a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from cms.translations.glossary.term_matching import FoundTerm

# Spaces that do not break a line, as French typography uses them.
NARROW = "\u00a0\u202f"
NUMBER = re.compile(rf"\d+(?:[ {NARROW}.,']\d{{3}})*(?:[.,]\d+)?")
DATE = re.compile(r"(?<!\d)(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?!\d)")
ADDRESS = re.compile(r"https?://[^\s<>«»\"]+|(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
WORD = re.compile(r"[^\W\d_]{4,}")
PAIRS = (("(", ")"), ("[", "]"), ("«", "»"), ("“", "”"))
ENDS = frozenset(".!?:;…")
CLOSING = f' {NARROW}\t\n»”")]'
SPACES = re.compile(rf"[ {NARROW}\t]{{2,}}")
SPACED_MARK = re.compile(rf"\w[ {NARROW}]+[;:!?](?=\s|$)")
FRENCH_MARK = re.compile(r"\w[;:!?](?=\s|$)")
TIGHT_QUOTE = re.compile(rf"«(?![ {NARROW}])|(?<![ {NARROW}])»")
SPACED_QUOTE = re.compile(rf"«[ {NARROW}]|[ {NARROW}]»")
# A translation is rarely longer than this many times its original.
MAX_GROWTH = 3
MIN_LENGTH_TO_COMPARE = 20
MAX_TERMS_NAMED = 5
# Longer texts are not checked: the editor checks all texts of a translation whenever it is opened.
MAX_LENGTH_TO_CHECK = 10_000


class QualityWarning(NamedTuple):
    """The name of a check, and a sentence that says what may be wrong."""

    check: str
    text: str


def quality_warnings(
    source: str, target: str, target_language: str, terms: Sequence[FoundTerm] = ()
) -> list[QualityWarning]:
    """Return what may be wrong with a translation.

    Takes plain texts, the code of the language of the translation, and the terms of the glossary in the source. An
    empty translation, and a text of more than MAX_LENGTH_TO_CHECK characters, have no warning.
    """
    if not target.strip() or max(len(source), len(target)) > MAX_LENGTH_TO_CHECK:
        return []
    warnings = {name: check(source, target) for name, check in CHECKS.items()}
    is_french = target_language.partition("-")[0] == "fr"
    warnings["spaces"] = _french_spaces(target) if is_french else _spaces_of_french(source, target)
    warnings["glossary"] = _missing_terms(target, terms)
    return [QualityWarning(name, warning) for name, warning in warnings.items() if warning]


def _numbers(source: str, target: str) -> str:
    """Compare the values of numbers. Their separators differ between languages."""
    expected, found = _numbers_by_value(source), _numbers_by_value(target)
    if missing := _surplus(expected, found):
        return _("These numbers of the original are not in the translation: %(numbers)s.") % {
            "numbers": " – ".join(missing)
        }
    if surplus := _surplus(found, expected):
        return _("These numbers are not in the original: %(numbers)s.") % {"numbers": " – ".join(surplus)}
    return ""


def _numbers_by_value(text: str) -> dict[str, list[str]]:
    """Return the numbers of a text as they are written, by value. A date counts as three numbers."""
    found: dict[str, list[str]] = {}
    for number in NUMBER.findall(DATE.sub(r"\1 / \2 / \3", ADDRESS.sub(" ", text))):
        found.setdefault(_value(number), []).append(number)
    return found


def _value(number: str) -> str:
    """Return the digits of a number, with a full stop for a decimal mark: one that other than three digits follow."""
    whole, mark, decimals = re.fullmatch(r"(.*?)(?:([.,])(\d+))?", number).groups("")  # type: ignore[union-attr]
    if len(decimals) == 3:
        whole, mark, decimals = number, "", ""
    return (re.sub(r"\D", "", whole).lstrip("0") or "0") + (mark and f".{decimals}")


def _surplus(numbers: dict[str, list[str]], others: dict[str, list[str]]) -> list[str]:
    """Return the numbers, as they are written, that other numbers lack."""
    return [number for value, written in numbers.items() for number in written[len(others.get(value, ())) :]]


def _missing_urls(source: str, target: str) -> str:
    found = {address.rstrip(".,;:") for address in ADDRESS.findall(target)}
    missing = [each for each in (a.rstrip(".,;:") for a in ADDRESS.findall(source)) if each not in found]
    if not missing:
        return ""
    return _("These addresses of the original are not in the translation: %(addresses)s.") % {
        "addresses": ", ".join(missing)
    }


def _same_as_source(source: str, target: str) -> str:
    """Compare the texts if they have several words. A single name is often the same in both languages."""
    is_same = source.strip() == target.strip() and len(WORD.findall(source)) > 1
    return _("The translation is the same as the original.") if is_same else ""


def _end(source: str, target: str) -> str:
    expected, found = _last_mark(source), _last_mark(target)
    if expected == found:
        return ""
    if not found:
        return _("The original ends with “%(mark)s”, the translation does not.") % {"mark": expected}
    if not expected:
        return _("The translation ends with “%(mark)s”, the original does not.") % {"mark": found}
    values = {"expected": expected, "found": found}
    return _("The original ends with “%(expected)s”, the translation with “%(found)s”.") % values


def _last_mark(text: str) -> str:
    text = text.rstrip(CLOSING)
    if text.endswith("..."):
        return "…"
    return text[-1:] if text[-1:] in ENDS else ""


def _pairs(source: str, target: str) -> str:
    for opening, closing in PAIRS:
        balance = target.count(opening) - target.count(closing)
        if balance and balance != source.count(opening) - source.count(closing):
            return _("“%(opening)s” and “%(closing)s” are not there equally often.") % {
                "opening": opening, "closing": closing,
            }  # fmt: skip
    return ""


def _double_spaces(source: str, target: str) -> str:
    return _("There are two spaces in a row.") if SPACES.search(target) and not SPACES.search(source) else ""


def _length(source: str, target: str) -> str:
    is_long = len(source) >= MIN_LENGTH_TO_COMPARE and len(target) > MAX_GROWTH * len(source)
    if is_long:
        return _("The translation is more than %(number)d times as long as the original.") % {"number": MAX_GROWTH}
    return ""


def _french_spaces(target: str) -> str:
    text = ADDRESS.sub(" ", target)
    if FRENCH_MARK.search(text) or TIGHT_QUOTE.search(text):
        return _("In French a space stands before ; : ! ? and inside « ».")
    return ""


def _missing_terms(target: str, terms: Sequence[FoundTerm]) -> str:
    """Name the terms of the glossary without a translation in any of its forms, in one warning."""
    missing = [f"{term.translations[0].target} ({term.source})" for term in terms if not term.is_in(target)]
    if not missing:
        return ""
    shown = ", ".join(missing[:MAX_TERMS_NAMED])
    return _("Terms of the glossary are not in the translation: %(terms)s.") % {"terms": shown}


def _spaces_of_french(source: str, target: str) -> str:
    if SPACED_MARK.search(target) or (SPACED_QUOTE.search(target) and SPACED_QUOTE.search(source)):
        return _("A space before ; : ! ? or inside « » is French, not of this language.")
    return ""


# The names are stored with dismissed warnings.
CHECKS: dict[str, Callable[[str, str], str]] = {
    "numbers": _numbers,
    "addresses": _missing_urls,
    "same": _same_as_source,
    "end": _end,
    "pairs": _pairs,
    "double_spaces": _double_spaces,
    "length": _length,
}
