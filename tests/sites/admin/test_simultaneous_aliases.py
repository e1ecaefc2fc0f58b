"""Two forms make aliases of one page at the same moment: together they stay within the limit."""

import threading

import pytest
from django.db import connection, transaction
from wagtail.models import Page

from cms.pages.models import StandardPage
from sites.admin.access_control import page_counts
from sites.admin.access_control.page_counts import too_many_aliases_message
from tests.factories.departments import make_department
from tests.factories.pages import make_page

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_second_of_two_aliases_is_counted_after_the_first(monkeypatch):
    monkeypatch.setattr(page_counts, "MAX_ALIASES", 1)
    page = make_page(StandardPage, make_department("allier"), slug="page")
    counted, messages = threading.Event(), []

    def second():
        counted.wait(10)
        try:
            with transaction.atomic():
                messages.append(too_many_aliases_message(Page.objects.get(pk=page.pk), with_pages_below=False))
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    thread.start()
    with transaction.atomic():
        assert too_many_aliases_message(page, with_pages_below=False) == ""
        counted.set()
        thread.join(0.5)
        assert thread.is_alive()  # It waits.
        page.create_alias(update_slug="alias")
    thread.join(10)
    assert messages != [""]
