"""Rows that may be deleted because of their age. Only commands that check the clock delete them."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.admin.models import EditingSession
from wagtail_localize.models import String

from cms.media.uploads.pending_uploads import delete_abandoned_uploads
from cms.translations.drafts.draft_requests import delete_ended_drafts
from cms.translations.guests.link_changes import delete_ended_links
from cms.translations.machine.daily_use import delete_old_use
from cms.translations.memory.deleted_contents import delete_pairs_of_deleted_contents
from cms.translations.models import SegmentComment
from cms.users.sessions.session_store import SessionStore
from search.analytics.query_log import delete_expired_searches
from sites.mail.delivery import delete_expired_messages
from sites.mail.tasks import MAIL_QUEUE
from sites.models import AuditLogEntry

RESULT_LIFETIME = timedelta(days=1)
FAILURE_LIFETIME = timedelta(days=30)


def delete_expired_rows() -> str:
    """Delete what has expired; return a line with the numbers that a person wants to know."""
    SessionStore.clear_expired()
    delete_abandoned_uploads()
    delete_finished_tasks()
    EditingSession.cleanup()
    delete_expired_messages()
    delete_unused_texts()
    delete_pairs_of_deleted_contents()
    delete_ended_links()
    delete_ended_drafts()
    delete_old_use()
    searches, entries = delete_expired_searches(), AuditLogEntry.objects.delete_expired()
    return f"sessions cleared; {searches} searches and {entries} entries of the audit logs deleted"


def delete_finished_tasks() -> None:
    """Delete the results of tasks: after a day if they succeeded, after 30 days if they failed."""
    day_ago = timezone.now() - RESULT_LIFETIME
    # The arguments of a task that sends mail hold the addresses and clients of password resets.
    DBTaskResult.objects.finished().filter(queue_name=MAIL_QUEUE, finished_at__lt=day_ago).delete()
    DBTaskResult.objects.successful().filter(finished_at__lt=day_ago).delete()
    DBTaskResult.objects.failed().filter(finished_at__lt=timezone.now() - FAILURE_LIFETIME).delete()


def delete_unused_texts() -> None:
    """Delete the texts that no content has and nobody has translated or commented on.

    wagtail-localize keeps the texts of deleted contents, such as the name in a testimonial. A text that has changed is
    kept while it has translations, which may still serve.
    """
    unused = String.objects.filter(segments=None, translations=None)
    unused.exclude(pk__in=SegmentComment.objects.values("string")).delete()
