"""Wagtail's own API, version 2, for clients of its ecosystem: one department's public pages, images and documents."""
