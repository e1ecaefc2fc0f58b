"""The counter of the change feed, and the epoch of its numbers."""

from __future__ import annotations

import logging
from typing import Any
from uuid import uuid4

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

logger = logging.getLogger(__name__)


class DatabaseIdentity(models.Func):
    """A value that changes when the database is restored from a dump; "" on SQLite.

    On PostgreSQL it consists of the object identifiers of the database and of the counter's table.
    """

    arity = 0
    template = "''"
    output_field = models.CharField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        database = "(SELECT oid FROM pg_database WHERE datname = current_database())::text"
        table = f"'{FeedCounter._meta.db_table}'::regclass::oid::text"
        return self.as_sql(compiler, connection, template=f"({database} || '.' || {table})", **context)


class FeedCounter(models.Model):
    """The last sequence number of the change feed. Its single row is the write lock of published documents.

    `epoch` identifies the series of numbers. A restored database continues from an older number, so that the same
    numbers stand for other changes. It gets a new epoch, and a consumer that remembers another epoch starts again.
    """

    last = models.BigIntegerField(_("last number"), default=0)
    epoch = models.UUIDField(_("epoch"), default=uuid4)
    database = models.CharField(_("identity of the database"), max_length=100, blank=True)

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
        row = cls.objects.select_for_update().filter(pk=1).annotate(current_database=DatabaseIdentity())
        counter: Any = row.first() or cls._create_and_lock(row)
        if counter.database != counter.current_database:
            if counter.database:
                counter.renew_epoch("the database was restored from a dump or copied")
            counter.database = counter.current_database
            counter.save(update_fields=["database"])
        return counter

    @classmethod
    def _create_and_lock(cls, row: models.QuerySet[FeedCounter]) -> FeedCounter:
        cls.objects.get_or_create(pk=1)
        return row.get()

    def renew_epoch(self, reason: str) -> None:
        """Begin a new epoch, so that every consumer starts again; the counter is locked."""
        self.epoch = uuid4()
        self.save(update_fields=["epoch"])
        logger.warning("The change feed has a new epoch %s, all consumers start again: %s", self.epoch, reason)

    def next(self) -> int:
        """Return the next sequence number. The caller saves the counter once, before the transaction ends."""
        self.last += 1
        return self.last
