"""Wagtail's API, version 2: the public pages, images and documents of one department, for clients made for Wagtail."""
