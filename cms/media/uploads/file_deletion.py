"""Deletes the files of deleted rows, and files that another one replaces, after the commit.

Wagtail deletes the files of deleted images, renditions and documents itself.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import Model
from django.db.models.signals import post_delete, post_save, pre_save

from cms.media.overrides.field_files import has_unsaved_content

from .stored_files import STORED_FILES, stored_file_of

# Attribute of a row between the two signals of its save: the name of the file that it had.
REPLACED = "_replaced_file"


def connect_signals() -> None:
    """Connect the receivers. Called once, when the applications are ready."""
    for stored in STORED_FILES:
        model, name = stored.model_class, stored.model
        pre_save.connect(remember_replaced_file, sender=model, dispatch_uid=f"cms_media.remember_file.{name}")
        post_save.connect(delete_replaced_file, sender=model, dispatch_uid=f"cms_media.replace_file.{name}")
        if not stored.is_deleted_by_wagtail:
            post_delete.connect(delete_file_after_commit, sender=model, dispatch_uid=f"cms_media.delete_file.{name}")


def remember_replaced_file(
    sender: type[Model], instance: Any, raw: bool = False, update_fields: Any = None, **kwargs: Any
) -> None:
    """Remember the stored name if the save stores another file, or none. One query then, and none otherwise."""
    field = stored_file_of(sender).field
    is_saved = update_fields is None or field in update_fields
    if raw or instance._state.adding or not is_saved:
        return
    file = getattr(instance, field)
    if has_unsaved_content(file) or not file:
        name = sender._base_manager.filter(pk=instance.pk).values_list(field, flat=True).first()
        setattr(instance, REPLACED, name or "")


def delete_replaced_file(sender: type[Model], instance: Any, **kwargs: Any) -> None:
    """Delete the remembered file when the transaction is committed, and the renditions of a replaced image."""
    replaced = instance.__dict__.pop(REPLACED, "")
    file = getattr(instance, stored_file_of(sender).field)
    if not replaced or replaced == file.name:
        return
    if hasattr(instance, "renditions"):
        instance.renditions.all().delete()
    _delete_after_commit(sender, file.storage, replaced)


def delete_file_after_commit(sender: type[Model], instance: Any, **kwargs: Any) -> None:
    """Delete the file of a deleted row when the transaction is committed."""
    file = getattr(instance, stored_file_of(sender).field)
    if file:
        _delete_after_commit(sender, file.storage, file.name)


def _delete_after_commit(model: type[Model], storage: Storage, name: str) -> None:
    # `robust`: the change is committed, and a file that stays is no error of the request.
    transaction.on_commit(partial(_delete_unless_used, model, storage, name), robust=True)


def _delete_unless_used(model: type[Model], storage: Storage, name: str) -> None:
    field = stored_file_of(model).field
    if not model._base_manager.filter(**{field: name}).exists():
        storage.delete(name)
