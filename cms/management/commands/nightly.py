"""Command `nightly`: deletes what has expired, and checks the files. Run it once a day."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.admin.models import EditingSession

from cms.media.renditions.file_checks import check_all
from cms.media.uploads.pending_uploads import delete_abandoned_uploads
from cms.media.uploads.unnamed_files import delete_unnamed_files, find_unnamed_files
from cms.scheduled_commands import ScheduledCommand
from cms.users.sessions.session_store import SessionStore
from search.analytics.query_log import delete_expired_searches
from sites.mail.delivery import delete_expired_messages
from sites.mail.tasks import MAIL_QUEUE
from sites.models import AuditLogEntry

RESULT_LIFETIME = timedelta(days=1)
FAILURE_LIFETIME = timedelta(days=30)


class Command(ScheduledCommand):
    help = (
        "Delete expired sessions, stale editing sessions, abandoned uploads, results of tasks, e-mails that could not "
        "be sent, expired searches, expired entries of the audit logs, and stored files without a row."
    )
    lock_name = "nightly"

    def run(self) -> list[str]:
        SessionStore.clear_expired()
        delete_abandoned_uploads()
        # Their arguments hold the addresses and clients of password resets.
        finished_mail = DBTaskResult.objects.finished().filter(queue_name=MAIL_QUEUE)
        finished_mail.filter(finished_at__lt=timezone.now() - RESULT_LIFETIME).delete()
        DBTaskResult.objects.successful().filter(finished_at__lt=timezone.now() - RESULT_LIFETIME).delete()
        DBTaskResult.objects.failed().filter(finished_at__lt=timezone.now() - FAILURE_LIFETIME).delete()
        EditingSession.cleanup()
        delete_expired_messages()
        searches, entries = delete_expired_searches(), AuditLogEntry.objects.delete_expired()
        self.stdout.write(f"sessions cleared; {searches} searches and {entries} entries of the audit logs deleted")
        failures = [f"the file of {label} {pk} cannot be shown: {title}" for label, pk, title in check_all()]
        unnamed = find_unnamed_files()
        if unnamed.are_too_many:
            failures.append(
                f"{len(unnamed.files)} of {unnamed.total} stored files belong to no row, too many for failed uploads; "
                "none was deleted. If the database is the right one, run check_files --delete-unnamed."
            )
        else:
            self.stdout.write(f"{delete_unnamed_files(unnamed)} stored files without a row deleted")
        return failures
