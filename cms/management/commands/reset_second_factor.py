"""Removes the second factors of an account whose owner has lost them and the recovery codes."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cms.users.models import User
from cms.users.second_factor.methods import remove_all_factors
from cms.users.second_factor.signals import second_factors_changed


class Command(BaseCommand):
    help = "Remove the second factors of an account. Check who asks for it: the password alone opens the account then."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no account {options['username']}.")
        remove_all_factors(user)
        second_factors_changed.send(sender=User, request=None, user=user, change="all_removed")
        self.stdout.write(f"The second factors of {user.get_username()} are removed.")
