"""One-time URLs at which the owners of new accounts set a password."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from .models import User


def password_setup_url(user: User) -> str:
    """Return a one-time URL of the admin, valid for PASSWORD_RESET_TIMEOUT seconds.

    Wagtail's form for forgotten passwords sends no mail to accounts without a password.
    """
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("wagtailadmin_password_reset_confirm", args=[uid, default_token_generator.make_token(user)])
    return f"{settings.WAGTAILADMIN_BASE_URL}{path}"
