"""Deletes the file of a video, a caption or a consent with its row; Wagtail does it for images and documents."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.apps import apps
from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import Model
from django.db.models.signals import post_delete

FILE_FIELDS = {"Video": "file", "VideoCaption": "file", "Consent": "proof"}


def connect_signals() -> None:
    """Connect the receiver. Called once, when the applications are ready."""
    for name in FILE_FIELDS:
        model = apps.get_model("cms_media", name)
        post_delete.connect(delete_file_after_commit, sender=model, dispatch_uid=f"cms_media.delete_file.{name}")


def delete_file_after_commit(sender: type[Model], instance: Any, **kwargs: Any) -> None:
    """Delete the file when the transaction is committed, unless another row has it."""
    field = FILE_FIELDS[sender.__name__]
    stored = getattr(instance, field)
    if stored:
        transaction.on_commit(partial(_delete_unless_used, sender, field, stored.storage, stored.name))


def _delete_unless_used(model: type[Model], field: str, storage: Storage, name: str) -> None:
    if not model._base_manager.filter(**{field: name}).exists():
        storage.delete(name)
