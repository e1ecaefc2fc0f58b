"""Admin hooks of copies: the URLs, and the links on the screen of a sharing."""

from __future__ import annotations

from django.urls import URLResolver, include, path
from wagtail import hooks

from .views import copy_links, urls

hooks.register("register_sharing_links", copy_links)


@hooks.register("register_admin_urls")
def copy_urls() -> list[URLResolver]:
    return [path("copies/", include((urls(), "copies")))]
