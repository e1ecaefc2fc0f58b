"""An archive has the rules for missing languages and for translations."""

import pytest

from cms.archive.restore.importer import import_department
from sites.lifecycle.language_fallbacks import set_fallbacks
from sites.models.language_chains import language_chains
from tests.factories.departments import make_department

from .archives import export, undone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_files")]


def test_the_rules_of_languages_come_back(tmp_path):
    with undone():
        department = make_department("isere", code="38", locales=("fr", "en", "it"), unpublishes_translations=True)
        set_fallbacks(department, {"it": "en", "en": "fr"})
        export(department, tmp_path / "isere")
    imported = import_department(tmp_path / "isere").department
    chains = language_chains(imported.department_locales.select_related("locale"))
    assert chains == {"fr": (), "en": ("fr",), "it": ("en", "fr")}
    assert (imported.unpublishes_translations, imported.publishes_partial_translations) == (True, False)
