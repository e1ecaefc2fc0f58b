"""Has the index follow the change feed, unless a command does (setting SEARCH_UPDATES)."""

from typing import Any

from django.conf import settings

from cms.media.models import CustomDocument

from .file_texts.attachments import forget_after_commit
from .tasks import in_background


def follow(**kwargs: Any) -> None:
    """Bring the index up to date in a task."""
    if settings.SEARCH_UPDATES == "task":
        in_background()


def content_may_go(instance: CustomDocument, **kwargs: Any) -> None:
    """Forget the text of a file that is deleted, or replaced by another, unless a second one has the content."""
    if instance.pk is not None:
        stored = CustomDocument.objects.filter(pk=instance.pk).values_list("file_hash", flat=True).first()
        forget_after_commit(stored or instance.file_hash)
