"""Command `encrypt_secrets`: encrypts stored secrets again, after SECRET_KEY or the algorithm has changed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from cms.users.encryption import InvalidToken, decrypt, encrypt, is_current
from cms.users.models import AuthenticatorApp
from cms.users.second_factor.methods import PURPOSE_OF_SECRET


class Command(BaseCommand):
    help = (
        "Encrypt the secrets of authenticator apps with the present SECRET_KEY. Afterwards the former key may leave "
        "SECRET_KEY_FALLBACKS."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        changed = unreadable = 0
        for key in AuthenticatorApp.objects.values_list("pk", flat=True):
            with transaction.atomic():
                app = AuthenticatorApp.objects.select_for_update().filter(pk=key).first()
                if app is None or is_current(app.encrypted_secret, PURPOSE_OF_SECRET):
                    continue
                try:
                    secret = decrypt(app.encrypted_secret, PURPOSE_OF_SECRET)
                except InvalidToken:
                    unreadable += 1
                    continue
                app.encrypted_secret = encrypt(secret, PURPOSE_OF_SECRET)
                app.save(update_fields=["encrypted_secret"])
                changed += 1
        self.stdout.write(f"{changed} secrets encrypted again, {unreadable} cannot be read with the known keys")
