"""Copies of another department's content: take a copy, and merge later changes of its origin by field."""
