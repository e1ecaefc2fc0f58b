"""Replaced parts of Wagtail's bulk actions."""
