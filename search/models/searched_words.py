"""The anonymous query log: searched words with daily counts."""

from __future__ import annotations

import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sites.models import Department

KEPT_DAYS = 90


class SearchedWordsQuerySet(models.QuerySet["SearchedWords"]):
    def expired(self) -> SearchedWordsQuerySet:
        """Return the rows that are older than the last `KEPT_DAYS` days; today is one of these days."""
        return self.filter(day__lte=timezone.localdate() - datetime.timedelta(days=KEPT_DAYS))


class SearchedWords(models.Model):
    """Words searched on one day in one language and department, the number of searches and of results.

    `search_key` is a hash of words, language and department: a unique constraint would not compare empty departments.
    """

    search_key = models.CharField(_("search key"), max_length=64)
    day = models.DateField(_("day"), db_index=True)
    words = models.CharField(_("words"), max_length=100)
    language = models.CharField(_("language"), max_length=20, blank=True)
    department = models.ForeignKey(
        Department, verbose_name=_("department"), null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    times = models.PositiveIntegerField(_("searches"), default=0)
    hits = models.PositiveIntegerField(_("results"), help_text=_("Of the last of these searches."))

    objects = SearchedWordsQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("search")
        verbose_name_plural = _("searches")
        constraints = (models.UniqueConstraint(fields=("search_key", "day"), name="one_row_per_search_and_day"),)

    def __str__(self) -> str:
        return self.words
