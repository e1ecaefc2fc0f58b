"""Submission of the pages below a page for translation, in the background: each page and language in a transaction."""
