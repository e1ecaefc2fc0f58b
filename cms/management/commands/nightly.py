"""Command `nightly`: deletes what has expired, checks files, tries failed work again, sends daily e-mails."""

from __future__ import annotations

from cms.management.expired_rows import delete_expired_rows
from cms.management.profession_terms import fill_empty_glossaries
from cms.media.renditions.file_checks import check_all
from cms.media.uploads.unnamed_files import delete_unnamed_files, find_unnamed_files
from cms.scheduled_commands import ScheduledCommand
from cms.translations.digest.digest_mail import send_digests
from cms.translations.models import RequestedTranslation, TranslationUpdate
from cms.translations.progress.updates import process_updates
from cms.translations.subtrees.requested_pages import process_requested_translations


class Command(ScheduledCommand):
    help = (
        "Delete expired sessions, stale editing sessions, abandoned uploads, results of tasks, e-mails that could not "
        "be sent, expired searches, expired entries of the audit logs, and stored files without a row. Try "
        "failed translations and their updates again, fill empty glossaries with the names of professions, and send "
        "the daily e-mails about translations."
    )
    lock_name = "nightly"

    def run(self) -> list[str]:
        self.stdout.write(delete_expired_rows())
        failures = [f"the file of {label} {pk} cannot be shown: {title}" for label, pk, title in check_all()]
        process_requested_translations(max_attempts=None)
        failures += [
            f"“{request.page}” cannot be sent to translation into {request.locale}: {request.error}"
            for request in RequestedTranslation.objects.exclude(error="").select_related("page", "locale")
        ]
        process_updates(include_failed=True)
        failures += [
            f"the translations of “{update.source.object_repr}” cannot be updated: {update.error}"
            for update in TranslationUpdate.objects.exclude(error="").select_related("source")
        ]
        added, unfilled = fill_empty_glossaries()
        self.stdout.write(f"{added} names of professions added to empty glossaries")
        failures += unfilled
        sent, unsent = send_digests()
        self.stdout.write(f"{sent} e-mails about translations sent")
        failures += unsent
        unnamed = find_unnamed_files()
        if unnamed.are_too_many:
            failures.append(
                f"{len(unnamed.files)} of {unnamed.total} stored files belong to no row, too many for failed uploads; "
                "none was deleted. If the database is the right one, run check_files --delete-unnamed."
            )
        else:
            self.stdout.write(f"{delete_unnamed_files(unnamed)} stored files without a row deleted")
        return failures
