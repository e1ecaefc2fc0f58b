"""Checks of stored files: a file that is lost or cannot be shown is recorded, and tried again in the background."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Iterator
from functools import partial
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import transaction
from django.db.models import Model
from django.dispatch import Signal
from django.utils import timezone
from django_tasks import task

from cms.media.inspection.inspector import FileRefused, inspect_stored_file

from .making import missing_renditions, missing_specs, store_renditions

logger = logging.getLogger(__name__)

# Sent with `instance`, in the transaction of the repair, when the file of an image, a document or a video can be shown.
file_repaired = Signal()

KINDS = {"cms_media.CustomImage": "image", "cms_media.CustomDocument": "document", "cms_media.Video": "video"}
MISSING = "missing"
# Minutes after a failure at which the file is tried again; afterwards `nightly` and `check_files` try it.
RETRY_MINUTES = (1, 10, 60)
# Seconds in which one object is reported once, however many requests meet it.
REPORT_SECONDS = 600


def report_unshowable(instance: Model, what: str) -> None:
    """Log that an object cannot be shown completely, and queue the check of its file. A request writes nothing else."""
    if cache.add(f"unshowable:{instance._meta.label}:{instance.pk}", True, REPORT_SECONDS):
        logger.error("%s %s cannot be shown completely: %s", instance._meta.label, instance.pk, what)
        if instance._meta.label in KINDS:
            queue_check(instance)


def queue_check(instance: Model, attempt: int = 0) -> None:
    """Check the file of an object in the background, after the commit; `attempt` counts earlier failures."""
    transaction.on_commit(partial(_enqueue_check, instance._meta.label, instance.pk, attempt))


def check_object(instance: Any, attempt: int = 0) -> bool:
    """Check the file of an image, a document or a video, and make missing renditions; return True if it can be shown.

    The result is stored as a FileProblem or deletes it. A file that could be shown again is announced by
    `file_repaired`.
    """
    reason, made = "", False
    try:
        if not instance.file:
            pass
        elif instance._meta.label == "cms_media.CustomImage":
            made = _make_missing(instance)
            if not instance.file.storage.exists(instance.file.name):
                reason = MISSING
        else:
            inspect_stored_file(instance.file.storage, instance.file.name, KINDS[instance._meta.label])
    except FileRefused as error:
        reason = error.reason
    except OSError:
        reason = MISSING
    with transaction.atomic():
        was_recorded = record(instance, reason)
        if was_recorded and not reason and not made:
            file_repaired.send(type(instance), instance=instance)
    if reason and attempt < len(RETRY_MINUTES):
        queue_check(instance, attempt + 1)
    return not reason


def _make_missing(image: Any) -> bool:
    """Make the renditions that an image lacks; return True if there were any. Documents follow in one transaction."""
    renditions = missing_renditions(image)
    if renditions:
        with transaction.atomic():
            store_renditions(image, renditions)
            file_repaired.send(type(image), instance=image)
    return bool(renditions)


def record(instance: Model, reason: str) -> bool:
    """Store why the file of an object cannot be shown, or that it can (""); return True if a problem was stored."""
    model: Any = apps.get_model("cms_media", "FileProblem")
    key = {"content_type": ContentType.objects.get_for_model(instance), "object_id": instance.pk}
    if not reason:
        return bool(model.objects.filter(**key).delete()[0])
    logger.error("The file of %s %s cannot be shown: %s", instance._meta.label, instance.pk, reason)
    model.objects.update_or_create(**key, defaults={"reason": reason, "checked_at": timezone.now()})
    return True


def check_all() -> Iterator[tuple[str, int, str]]:
    """Check stored files; yield (model label, key, title) of each that cannot be shown.

    Each file is looked up in its storage. Only files with a problem, and images without all renditions, are opened.
    """
    problems: Any = apps.get_model("cms_media", "FileProblem").objects
    for label in KINDS:
        model = apps.get_model(label)
        recorded = problems.filter(content_type=ContentType.objects.get_for_model(model))
        instances: Any = model._default_manager.order_by("pk")
        known = set(recorded.values_list("object_id", flat=True))
        problems.filter(pk__in=recorded.exclude(object_id__in=model._default_manager.values("pk"))).delete()
        for instance in instances.iterator(chunk_size=500):
            needs_check = instance.pk in known or _looks_broken(instance)
            if needs_check and not check_object(instance, attempt=len(RETRY_MINUTES)):
                yield label, instance.pk, str(instance)


def _looks_broken(instance: Any) -> bool:
    if not instance.file:
        return False
    is_image = instance._meta.label == "cms_media.CustomImage"
    return not instance.file.storage.exists(instance.file.name) or (is_image and bool(missing_specs(instance)))


@task()
def check_file(label: str, pk: int, attempt: int = 0) -> bool:
    """Check the file of an object; return True if it can be shown. An object that is deleted needs no check."""
    instance = apps.get_model(label)._default_manager.filter(pk=pk).first()
    if instance is None:
        return True
    return check_object(instance, attempt)


def _enqueue_check(label: str, pk: int, attempt: int) -> None:
    run_after = timezone.now() + datetime.timedelta(minutes=RETRY_MINUTES[attempt - 1]) if attempt else None
    check_file.using(backend=settings.BACKGROUND_TASKS, run_after=run_after).enqueue(label, pk, attempt)
