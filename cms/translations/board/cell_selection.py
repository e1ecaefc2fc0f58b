"""The cells that a user has selected on the board."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest
from wagtail.models import Locale, Page

from sites.access.current_department import current_department

from .cells import Cell, board_languages, board_originals, load_cells

FIELD = "cell"


@dataclass(frozen=True)
class SelectedCell:
    """A selected cell with its page in the source language and its language."""

    original: Page
    locale: Locale
    cell: Cell

    def __str__(self) -> str:
        return f"{self.original.title} ({self.locale.get_display_name()})"


def selected_keys(request: HttpRequest) -> list[str]:
    """Return the values of the selected checkboxes, without repetitions: of the form, or of the query of a link."""
    form = request.POST if request.method == "POST" and FIELD in request.POST else request.GET
    return list(dict.fromkeys(form.getlist(FIELD)))


def selected_cells(request: HttpRequest) -> list[SelectedCell]:
    """Return the selected cells by title and language, in a fixed number of queries.

    Raises Http404 unless the user sees all of them on the board of the current department.
    """
    keys = selected_keys(request)
    languages = {str(locale.pk): locale for locale in board_languages(request)}
    pairs = [key.partition("-")[::2] for key in keys]
    department = current_department(request)
    wanted = {page for page, _locale in pairs}
    if department is None or not all(page.isascii() and page.isdecimal() and len(page) < 19 for page in wanted):
        raise Http404
    found = board_originals(request, department, list(languages.values())).filter(pk__in=wanted)
    originals = {str(page.pk): page for page in found}
    if not all(page in originals and locale in languages for page, locale in pairs):
        raise Http404
    chosen = {locale for _page, locale in pairs}
    cells = load_cells(request, originals.values(), [languages[locale] for locale in chosen])
    selected = [
        SelectedCell(originals[page], languages[locale], cells[originals[page].pk, languages[locale].pk])
        for page, locale in pairs
    ]
    return sorted(selected, key=lambda each: (each.original.title, each.original.pk, each.locale.language_code))
