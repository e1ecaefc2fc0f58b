"""The counter of the change feed."""

from __future__ import annotations

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _


class FeedCounter(models.Model):
    """The last sequence number of the change feed. Its single row is the write lock of published documents."""

    last = models.BigIntegerField(_("last number"), default=0)

    class Meta:
        verbose_name = _("feed counter")
        verbose_name_plural = _("feed counters")

    def __str__(self) -> str:
        return str(self.last)

    @classmethod
    def locked(cls) -> FeedCounter:
        """Return the counter, locked until the end of the transaction.

        Only the transaction that holds the lock writes documents. A sequence number is therefore visible only after
        all smaller ones, and a reader that has seen number n has missed nothing up to n. Raises
        TransactionManagementError outside a transaction.
        """
        if not transaction.get_connection().in_atomic_block:
            raise transaction.TransactionManagementError("The feed counter is locked inside a transaction only.")
        row = cls.objects.select_for_update().filter(pk=1)
        return row.first() or cls._create_and_lock(row)

    @classmethod
    def _create_and_lock(cls, row: models.QuerySet[FeedCounter]) -> FeedCounter:
        cls.objects.get_or_create(pk=1)
        return row.get()

    def next(self) -> int:
        """Return the next sequence number. The caller saves the counter once, before the transaction ends."""
        self.last += 1
        return self.last
