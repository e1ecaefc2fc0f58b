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
# "14 h 30", "9h05", "17 h", "14:30". The same time is written with a full stop in other languages: "14.30".
TIME = re.compile(rf"(?<![\d.,:])(\d{{1,2}})(?:[ {NARROW}]?h(?:[ {NARROW}]?([0-5]\d))?|:([0-5]\d))(?!\w|:\d)")
DOTTED_TIME = re.compile(r"(?<![\d.,:])(\d{1,2})\.([0-5]\d)(?!\d|[.,:]\d)")
# Opening and closing marks.
PAIRS = (("(", ")"), ("[", "]"), ("«", "»"), ("“", "”"))
# Languages with others: Finnish and Swedish have the same mark on both sides.
PAIRS_BY_LANGUAGE = {
    "fi": (("(", ")"), ("[", "]"), ("”", "”"), ("»", "»")),
    "sv": (("(", ")"), ("[", "]"), ("”", "”"), ("»", "»")),
    "de": (("(", ")"), ("[", "]"), ("»", "«"), ("„", "“")),
    "nl": (("(", ")"), ("[", "]"), ("«", "»"), ("“„", "”")),
}
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
    language = target_language.partition("-")[0]
    warnings = {name: check(source, target) for name, check in CHECKS.items()}
    warnings["pairs"] = _pairs(source, target, language)
    warnings["spaces"] = _french_spaces(target) if language == "fr" else _spaces_of_french(source, target)
    warnings["glossary"] = _missing_terms(target, terms)
    return [QualityWarning(name, warning) for name, warning in warnings.items() if warning]


def _numbers(source: str, target: str) -> str:
    """Compare the values of numbers. Their separators differ between languages."""
    times = _times(source) | _times(target)
    expected, found = _numbers_by_value(source, times), _numbers_by_value(target, times)
    if missing := _surplus(expected, found):
        return _("These numbers of the original are not in the translation: %(numbers)s.") % {
            "numbers": " – ".join(missing)
        }
    if surplus := _surplus(found, expected):
        return _("These numbers are not in the original: %(numbers)s.") % {"numbers": " – ".join(surplus)}
    return ""


def _times(text: str) -> set[tuple[int, int]]:
    """Return the hours and minutes of the times in a text."""
    return {(int(match[1]), int(match[2] or match[3] or 0)) for match in TIME.finditer(text)}


def _numbers_by_value(text: str, times: set[tuple[int, int]]) -> dict[str, list[str]]:
    """Return the numbers of a text as they are written, by value.

    A date counts as three numbers, a time as its hour and its minutes, a full hour as one number. A number with a full
    stop is a time if it is one of `times`.
    """

    def spread(match: re.Match[str]) -> str:
        hour, minutes = match[1], next(filter(None, match.groups()[1:]), "00")
        return hour if minutes == "00" else f"{hour} / {minutes}"

    def spread_dotted(match: re.Match[str]) -> str:
        return spread(match) if (int(match[1]), int(match[2])) in times else match[0]

    text = DATE.sub(r"\1 / \2 / \3", ADDRESS.sub(" ", text))
    text = DOTTED_TIME.sub(spread_dotted, TIME.sub(spread, text))
    found: dict[str, list[str]] = {}
    for number in NUMBER.findall(text):
        found.setdefault(_value(number), []).append(number)
    return found


def _value(number: str) -> str:
    """Return a number with a full stop as its decimal mark. A mark before exactly three digits separates thousands."""
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


def _pairs(source: str, target: str, language: str) -> str:
    for opening, closing in PAIRS_BY_LANGUAGE.get(language, PAIRS):
        balance = _balance(target, opening, closing)
        if balance and balance != _balance(source, opening, closing):
            return _("“%(opening)s” and “%(closing)s” are not there equally often.") % {
                "opening": opening[-1], "closing": closing,
            }  # fmt: skip
    return ""


def _balance(text: str, opening: str, closing: str) -> int:
    """Return how many opening marks have no closing one; 0 or 1 if both are the same mark."""
    if opening == closing:
        return text.count(closing) % 2
    return sum(map(text.count, opening)) - text.count(closing)


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
    "double_spaces": _double_spaces,
    "length": _length,
}
