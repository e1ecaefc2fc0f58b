"""Texts in cells of CSV and XLSX files that no spreadsheet evaluates as a formula (OWASP, “CSV Injection”)."""

from __future__ import annotations

import re

# The characters that start a formula, with their full-width forms, at the start of the text or after a character that
# a spreadsheet with other settings takes for the border of a cell: in France the separator is the semicolon.
FORMULA_START = re.compile(r"(^|[;\t\r\n])(?=[\s\"']*[=+\-@＝＋－＠\t\r\n])")


def without_formulas(text: str) -> str:
    """Return the text with an apostrophe before each place at which a spreadsheet could read a formula."""
    return FORMULA_START.sub(r"\1'", text)
