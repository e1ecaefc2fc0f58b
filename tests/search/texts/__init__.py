"""Texts of attached files."""
