"""A LibreTranslate server, and a department that has chosen it for English."""

import pytest
from django.db import transaction

from cms.translations.drafts.draft_requests import request_draft
from cms.translations.drafts.draft_runs import process_drafts
from cms.translations.models import MachineDraft, MachineLanguage
from tests.factories.users import make_user

from .libretranslate import running_server

LIMITS = {"characters_per_draft": 10_000, "characters_per_day": 50_000}


@pytest.fixture
def server(settings):
    with running_server() as server:
        settings.MACHINE_TRANSLATION = {
            "services": ["libretranslate", "deepl"],
            "libretranslate_url": server.url,
            "keys": {"deepl": "", "google": "", "libretranslate": ""},
            **LIMITS,
        }
        yield server


@pytest.fixture
def chosen(department, english, server):
    """Return the department, which drafts English texts with LibreTranslate."""
    language = department.department_locales.get(locale=english)
    MachineLanguage.objects.create(language=language, service="libretranslate")
    return department


@pytest.fixture
def publisher(department):
    return make_user("publisher", groups=["allier:publisher"])


@pytest.fixture
def draft(chosen, translated, publisher):
    """Return a function that asks for a draft of the translation; without `run` it waits afterwards."""

    def draft(user=publisher, *, run=True):
        # The task of the commit would run in the transaction of the test.
        with transaction.atomic():
            request_draft(translated.translation, user)
        if run:
            process_drafts()
        return MachineDraft.objects.get()

    return draft
