"""Has the index follow the change feed, unless a command does (setting SEARCH_UPDATES)."""

from typing import Any

from django.conf import settings

from cms.media.models import CustomDocument

from .file_texts.attachments import delete_unused_text_on_commit
from .tasks import enqueue_index_update


def schedule_index_update(**kwargs: Any) -> None:
    """Bring the index up to date in a task."""
    if settings.SEARCH_UPDATES == "task":
        enqueue_index_update()


def delete_unused_file_text(instance: CustomDocument, **kwargs: Any) -> None:
    """Forget the text of a file that is deleted, or replaced by another, unless a second one has the content."""
    if instance.pk is not None:
        stored = CustomDocument.objects.filter(pk=instance.pk).values_list("file_hash", flat=True).first()
        delete_unused_text_on_commit(stored or instance.file_hash)
