"""Command `encrypt_secrets`: encrypts stored secrets again, after SECRET_KEY or the algorithm has changed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from cms.translations.machine.service_keys import encrypt_keys_again
from cms.users.second_factor.methods import encrypt_secrets_again


class Command(BaseCommand):
    help = (
        "Encrypt the secrets of authenticator apps and the keys of translation services with the present SECRET_KEY. "
        "Afterwards the former key may leave "
        "SECRET_KEY_FALLBACKS."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        results = (encrypt_secrets_again(), encrypt_keys_again())
        encrypted, unreadable = map(sum, zip(*results, strict=True))
        self.stdout.write(f"{encrypted} secrets encrypted again, {unreadable} cannot be read with the known keys")
