"""Regular runs of the product without a person, and its state afterwards."""

from contextlib import suppress
from io import StringIO

from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.utils import timezone

from cms.delivery.models import PublicationState, RefreshRequest
from cms.management.instance_status import InstanceStatus
from search.engines import get_live_engine
from search.indexing import tasks
from search.indexing.file_texts.attachments import unread_files
from search.indexing.rebuild import index_status, rebuild_if_required
from search.models import FileText
from sites.mail.delivery import send_due_messages
from sites.mail.models import OutgoingMessage


def later():
    """Let the pauses of failed attempts pass."""
    cache.clear()
    now = timezone.now()
    PublicationState.objects.exclude(failed_at=None).update(next_change_at=now)
    OutgoingMessage.objects.filter(state="waiting").update(next_attempt_at=now)
    FileText.objects.filter(read_at=None).update(begun_at=None)


def recover():
    """Run the scheduled command and the background tasks until the product is correct, but at most three times.

    Return what is still wrong, [] if nothing is.
    """
    for _run in range(3):
        later()
        with suppress(CommandError):
            call_command("publish_scheduled", stdout=StringIO(), stderr=StringIO())
        tasks.update_index.call()
        if unread_files().exists():
            tasks.read_files.call()
            tasks.update_index.call()
        rebuild_if_required()
        send_due_messages()
        if not (found := problems()):
            break
    return found


def problems():
    """Return what is wrong with the product, as its own checks say; [] if it is correct."""
    found = []
    try:
        call_command("check_publication", stdout=StringIO(), stderr=StringIO(), verbosity=0)
    except CommandError as error:
        found.append(f"check_publication: {error}")
    status = index_status(get_live_engine())
    if not status.is_complete:
        found.append(f"index: {status.differences} {status.lag} {status.rebuild_reason}")
    if RefreshRequest.objects.exists():
        found.append("requests wait")
    if OutgoingMessage.objects.exists():
        found.append("messages wait")
    if FileText.objects.filter(read_at=None).exists() or FileText.objects.filter(is_indexed=False).exists():
        found.append("files wait to be read")
    return found + InstanceStatus().problems
