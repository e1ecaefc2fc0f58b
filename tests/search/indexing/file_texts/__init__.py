"""Tests of the texts of attached files."""
