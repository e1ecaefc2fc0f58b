"""Collects the data of one person: the account, all rows that refer to it, and rows with the address or the name."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import Model

from .personal_fields import ADDRESS_FIELDS, EXCLUDED_FIELDS, NAME_FIELDS, account_references

JsonObject = dict[str, Any]


def find_account(name: str) -> Any:
    """Return the account with this e-mail address or user name, or None."""
    accounts = get_user_model()._default_manager
    return accounts.filter(email__iexact=name).first() or accounts.filter(username=name).first()


def export_person(account: Any, *, email: str, name: str = "") -> JsonObject:
    """Return the data of one person as values for JSON.

    `account` may be None, for a person without an account. `email` and `name` are what other rows are searched for.
    """
    data: JsonObject = {"email": email, "account": None, "refers_to_account": {}, "has_address": {}, "has_name": {}}
    if account is not None:
        data["account"] = row_of(account) | {"roles": [group.name for group in account.groups.order_by("name")]}
        for model, field in account_references():
            rows = model._default_manager.filter(**{field.attname: account.pk}).order_by("pk")
            if found := [row_of(row) for row in rows]:
                data["refers_to_account"][f"{model._meta.label}.{field.name}"] = found
    for key, rows_by_field in (("has_address", rows_with_address(email)), ("has_name", rows_with_name(name))):
        data[key] = {label: [row_of(row) for row in rows] for label, rows in rows_by_field.items()}
    return data


def rows_with_address(email: str) -> dict[str, list[Model]]:
    """Return the rows with an e-mail address, by the label of their field."""
    return _rows_with(ADDRESS_FIELDS, email)


def rows_with_name(name: str) -> dict[str, list[Model]]:
    """Return the rows with the name of a person, by the label of their field; none for an empty name."""
    return _rows_with(NAME_FIELDS, name)


def row_of(row: Model) -> JsonObject:
    """Return the stored values of a row, without secrets and without copies of pages."""
    fields = [field for field in row._meta.concrete_fields if field.name not in EXCLUDED_FIELDS]
    return {field.name: field.value_to_string(row) for field in fields if field.value_from_object(row) is not None}


def _rows_with(fields: tuple[tuple[str, str], ...], value: str) -> dict[str, list[Model]]:
    found: dict[str, list[Model]] = {}
    for label, name in fields if value else ():
        rows = apps.get_model(label)._default_manager.filter(**{f"{name}__iexact": value}).order_by("pk")
        if rows:
            found[f"{label}.{name}"] = list(rows)
    return found
