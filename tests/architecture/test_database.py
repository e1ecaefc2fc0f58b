"""Tests of the database: rows of migrations after a test that commits, and transactions that wait for each other."""

import time
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from wagtail.models import Collection, Locale, Page

WRITERS = 4


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("run", ["first", "second"])
def test_a_test_that_commits_leaves_the_rows_of_migrations(run):
    assert Page.objects.filter(depth=1).count() == 1
    assert Collection.objects.filter(depth=1).count() == 1

    Locale.objects.create(language_code="it")

    assert sorted(Locale.objects.values_list("language_code", flat=True)) == ["fr", "it"]


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_reads_and_then_writes_waits_for_the_others():
    start, failures = Barrier(WRITERS), []

    def append_to_title(letter: str) -> None:
        try:
            start.wait(timeout=10)
            with transaction.atomic():
                root = Page.objects.select_for_update().get(depth=1)
                time.sleep(0.05)
                Page.objects.filter(pk=root.pk).update(title=root.title + letter)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    Page.objects.filter(depth=1).update(title="")
    threads = [Thread(target=append_to_title, args=[letter]) for letter in "abcdefgh"[:WRITERS]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert failures == []
    assert sorted(Page.objects.get(depth=1).title) == sorted("abcdefgh"[:WRITERS])
