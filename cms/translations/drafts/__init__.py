"""Drafts of the empty texts of a translation by machine, in the background: permission, portions, errors, screens."""
