"""Signal receivers that keep the index and the file texts up to date."""

from typing import Any

from django.conf import settings

from cms.media.models import CustomDocument

from .file_texts.attachments import delete_unused_text_on_commit
from .tasks import enqueue_index_update


def schedule_index_update(**kwargs: Any) -> None:
    """Enqueue an update of the index, unless a command updates it (setting SEARCH_UPDATES)."""
    if settings.SEARCH_UPDATES == "task":
        enqueue_index_update()


def delete_unused_file_text(instance: CustomDocument, **kwargs: Any) -> None:
    """Delete the extracted text of a deleted or replaced file unless another file has the same content."""
    if instance.pk is not None:
        stored = CustomDocument.objects.filter(pk=instance.pk).values_list("file_hash", flat=True).first()
        delete_unused_text_on_commit(stored or instance.file_hash)
