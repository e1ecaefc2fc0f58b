"""Command `encrypt_secrets`: encrypts stored secrets again, after SECRET_KEY or the algorithm has changed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from cms.users.second_factor.methods import encrypt_secrets_again


class Command(BaseCommand):
    help = (
        "Encrypt the secrets of authenticator apps with the present SECRET_KEY. Afterwards the former key may leave "
        "SECRET_KEY_FALLBACKS."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        encrypted, unreadable = encrypt_secrets_again()
        self.stdout.write(f"{encrypted} secrets encrypted again, {unreadable} cannot be read with the known keys")
