"""The URL of the guest's screen, outside the admin: it needs no account and no session."""

from __future__ import annotations

from django.urls import path

from .review_views import GuestReviewView

urlpatterns = [path("translation-review/<str:token>/", GuestReviewView.as_view(), name="guest_review")]
