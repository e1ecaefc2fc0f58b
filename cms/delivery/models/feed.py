"""The counter behind the change feed."""

from __future__ import annotations

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _


class FeedCounter(models.Model):
    """The last number given out; its single row is the lock that makes commit order the order of numbers."""

    last = models.BigIntegerField(_("last number"), default=0)

    class Meta:
        verbose_name = _("feed counter")
        verbose_name_plural = _("feed counters")

    def __str__(self) -> str:
        return str(self.last)

    @classmethod
    def locked(cls) -> FeedCounter:
        """Return the counter, locked until the transaction ends.

        Whoever holds it is the only writer of documents. A number is therefore visible only after all smaller
        ones are, and a reader that has seen number n has missed nothing up to n. Raises TransactionManagementError
        outside a transaction.
        """
        if not transaction.get_connection().in_atomic_block:
            raise transaction.TransactionManagementError("The feed counter is locked inside a transaction only.")
        row = cls.objects.select_for_update().filter(pk=1)
        return row.first() or cls._first(row)

    @classmethod
    def _first(cls, row: models.QuerySet[FeedCounter]) -> FeedCounter:
        cls.objects.get_or_create(pk=1)
        return row.get()

    def next(self) -> int:
        """Return the next number; the caller saves the counter once, before the transaction ends."""
        self.last += 1
        return self.last
