"""Copies of another department's content."""
