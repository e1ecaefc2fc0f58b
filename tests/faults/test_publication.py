"""Publication, withdrawal, deletion and the scheduled command are interrupted at each point."""

import datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from wagtail.models import Revision

from cms.delivery.models import PublishedDocument
from cms.pages.models import Organisation, StandardPage
from tests.factories.pages import make_page

from .injection import interrupted
from .recovery import recover

pytestmark = pytest.mark.django_db(transaction=True)


def public_title(page):
    return PublishedDocument.objects.public().filter(page_id=page.pk).values_list("title", flat=True).first()


def publish(page, number):
    page.refresh_from_db()
    page.title = f"Chimpanzé {number}"
    page.save()
    return lambda: page.save_revision().publish()


def rename_what_pages_show(page, number):
    organisation = Organisation.objects.get()
    organisation.name = f"Mission locale {number}"
    return transaction.atomic(organisation.save)  # As the view does.


def withdraw(page, number):
    page.refresh_from_db()
    if not page.live:
        page.save_revision().publish()
    return page.unpublish


def delete(page, number):
    shown = make_page(StandardPage, page.get_parent().specific, title=f"Gorille {number}", slug=f"gorille-{number}")
    page.refresh_from_db()
    page.body = [("related", [shown])]
    page.save_revision().publish()
    return StandardPage.objects.get(pk=shown.pk).delete


def run_what_is_due(page, number):
    """A version is due, and another page expires."""
    past = timezone.now() - datetime.timedelta(minutes=1)
    page.refresh_from_db()
    page.title = f"Chimpanzé {number}"
    revision = page.save_revision(approved_go_live_at=past)
    Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=past)
    ending = make_page(StandardPage, page.get_parent().specific, title=f"Fin {number}", slug=f"fin-{number}")
    ending.expire_at = timezone.now() + datetime.timedelta(seconds=0.05)
    ending.save_revision().publish()
    return lambda: call_command("publish_scheduled", stdout=StringIO(), stderr=StringIO())


STEPS = [publish, rename_what_pages_show, withdraw, delete, run_what_is_due]


@pytest.mark.parametrize("kill", [True, False], ids=["killed", "error"])
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_a_change_is_published_or_rolled_back(page, step, kill):
    failed = []
    for injection, error in interrupted(lambda number: step(page, number), kill=kill):
        if problems := recover():
            failed.append((injection.happened, error, problems))
    assert failed == []
    if step is publish:
        page.refresh_from_db()
        assert public_title(page) == page.title
