"""The database of `make bench-writers`: departments with publishers, and what is wrong with it at the end."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test import Client
from django_tasks_db.models import DBTaskResult
from wagtail.models import Collection, Page

from cms.delivery.models import PublishedDocument
from cms.delivery.publisher import process_refresh_requests
from cms.pages.models import StandardPage
from tests.factories.departments import make_department
from tests.factories.pages import home_of, make_page
from tests.factories.users import make_user
from tests.migrated_database import copy_migrated_file

from .publisher_at_work import Assignment

PUBLISHERS_OF_DEPARTMENT = 2
SECTIONS = 3


def prepare(publishers: int) -> list[Assignment]:
    """Create the departments, their sections and the sessions of the publishers."""
    if connection.vendor == "sqlite":
        copy_migrated_file(Path(connection.settings_dict["NAME"]))
    else:
        call_command("migrate", verbosity=0)
    assignments = []
    with transaction.atomic():
        for number in range(publishers):
            if number % PUBLISHERS_OF_DEPARTMENT == 0:
                slug = f"departement-{number // PUBLISHERS_OF_DEPARTMENT}"
                home = home_of(make_department(slug, locales=["fr"]))
                sections = [
                    make_page(StandardPage, home, title=f"section-{place}", slug=f"section-{place}").pk
                    for place in range(SECTIONS)
                ]
            user = make_user(f"publisher-{number}", groups=[f"{slug}:publisher"])
            client = Client()
            client.force_login(user)
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            assignments.append(Assignment(session, f"p{number}", sections, random.Random(number)))
    process_refresh_requests()
    connections.close_all()
    return assignments


def problems() -> list[str]:
    """Return a line for each thing that is wrong: in the trees, the published documents and the tasks."""
    process_refresh_requests()
    return [*_tree_problems(), *_document_problems(), *_failed_tasks()]


def _tree_problems() -> Iterator[str]:
    names = ("characters", "length of the path", "parent", "depth", "number of children")
    for model in (Page, Collection):
        for name, keys in zip(names, model.find_problems(), strict=True):
            if keys:
                yield f"{model.__name__} with a wrong {name}: {keys}"


def _document_problems() -> Iterator[str]:
    documents = dict(PublishedDocument.objects.filter(is_withdrawn=False).values_list("page_id", "title"))
    pages = dict(StandardPage.objects.filter(live=True).values_list("pk", "title"))
    for key, title in pages.items():
        if documents.get(key) != title:
            yield f"page {key}: the document says {documents.get(key)!r}, the page {title!r}"
    for key in documents.keys() - Page.objects.values_list("pk", flat=True):
        yield f"page {key} is deleted, but its document is public"


def _failed_tasks() -> Iterator[str]:
    for task in DBTaskResult.objects.failed():
        yield f"failed task {task.task_path}: {task.exception_class_path}"
