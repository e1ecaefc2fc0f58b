"""Files of the multiple uploader that wait for their details: Wagtail's `UploadedFile`, counted in a quota.

Wagtail's row has neither a size nor a department, and its folder is the same for all files. The receivers set them in
the transaction in which the row is written.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models.signals import post_save, pre_save
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.images.models import AbstractImage
from wagtail.models import Collection, UploadedFile

from cms.media.inspection.inspector import inspect_file
from cms.media.overrides.field_files import has_unsaved_content
from sites.access.current_department import current_department
from sites.access.ownership import department_of_collection
from sites.access.querysets import viewable_by
from sites.models import Department
from sites.people.request_context import current_request

from .file_paths import new_token
from .free_space import space_refusal
from .storage_quota import UploadRefused, quota_refusal

LIFETIME = timedelta(days=1)


def connect_signals() -> None:
    """Connect the receivers. Called once, when the applications are ready."""
    pre_save.connect(admit_upload, sender=UploadedFile, dispatch_uid="cms_media.admit_upload")
    post_save.connect(count_upload, sender=UploadedFile, dispatch_uid="cms_media.count_upload")


def admit_upload(sender: Any, instance: UploadedFile, **kwargs: Any) -> None:
    """Put a new upload into a folder of its own.

    Raises UploadRefused beyond a limit of the account or department, and for a file that its model does not take.
    """
    file = instance.file
    if not has_unsaved_content(file):
        return
    department = _department_of_request()
    refusal = (
        space_refusal(file.storage, file.size)
        or (department and quota_refusal(department, file.size))
        or _number_refusal(instance)
        or _content_refusal(instance)
    )
    if refusal:
        raise UploadRefused(refusal)
    file.name = f"{new_token()}/{PurePosixPath(file.name).name}"


def count_upload(sender: Any, instance: UploadedFile, created: bool, raw: bool = False, **kwargs: Any) -> None:
    """Store the department and the size of a new upload."""
    if created and not raw:
        apps.get_model("cms_media.PendingUpload")._default_manager.create(
            upload=instance, department=_department_of_request(), file_size=instance.file.size if instance.file else 0
        )


def delete_abandoned_uploads() -> int:
    """Delete the uploads that wait for their details for more than a day, with their files; return their number.

    Wagtail's table has no date, but the file has one.
    """
    oldest, deleted = timezone.now() - LIFETIME, 0
    for upload in UploadedFile.objects.iterator():
        storage, name = upload.file.storage, upload.file.name
        is_there = bool(name) and storage.exists(name)
        if is_there and storage.get_modified_time(name) >= oldest:
            continue
        upload.delete()
        if is_there:
            storage.delete(name)
        deleted += 1
    return deleted


def _number_refusal(upload: UploadedFile) -> str:
    """Return why the account may have no further pending upload, or ""."""
    limit, account = settings.PENDING_UPLOADS_MAX, upload.uploaded_by_user_id
    if account is None or UploadedFile.objects.filter(uploaded_by_user=account).count() < limit:
        return ""
    message = _(
        "%(limit)d uploaded files of yours wait for their details. Complete or delete some of them first; those that "
        "wait for more than a day are deleted at night."
    )
    return message % {"limit": limit}


def _content_refusal(upload: UploadedFile) -> str:
    """Return why the model for which a file waits does not take it, or "".

    Wagtail's view keeps a file whose form has errors at other fields than its own, and no later form reads the file.
    """
    model = upload.for_content_type.model_class() if upload.for_content_type else None
    if model is None:
        return ""
    try:
        if issubclass(model, AbstractImage):  # A new image would be decoded here to measure it.
            inspect_file(upload.file.file, "image", upload.file.name)
        else:
            model(file=upload.file.file).clean()
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def _department_of_request() -> Department | None:
    """Return the department of the posted collection if the user may view it, else the current department."""
    request = current_request()
    if request is None:
        return None
    posted = _posted_collection(request)
    return department_of_collection(posted) if posted else current_department(request)


def _posted_collection(request: HttpRequest) -> Collection | None:
    key = request.POST.get("collection", "")
    if not (key.isascii() and key.isdecimal() and len(key) < 19):
        return None
    return viewable_by(Collection.objects.filter(pk=key), request.user).first()
