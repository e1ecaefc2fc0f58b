"""Wagtail admin screens that are limited to the user's departments."""
