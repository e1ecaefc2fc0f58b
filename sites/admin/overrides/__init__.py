"""Replacements of Wagtail code that has no public hook."""
