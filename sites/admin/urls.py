"""Addresses below /admin/ that Wagtail's login does not stand before, or that take the place of Wagtail's own."""

from django.urls import path

from .accounts.acceptance import Accept, OpenLink

urlpatterns = [
    path("invitation/", Accept.as_view(), name="invitation"),
    path("invitation/<str:token>/", OpenLink.as_view(), name="invitation_link"),
]
