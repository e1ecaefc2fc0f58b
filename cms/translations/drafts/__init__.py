"""Drafts of the empty texts of a translation by machine, in the background: rights, portions, errors, screens."""
