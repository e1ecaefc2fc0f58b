"""Conversion of document values to the text and HTML of a page: labels, dates, amounts, headings, footnotes."""
