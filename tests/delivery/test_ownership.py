"""A published document belongs to the department that published it, also if it is shared."""

import pytest

from cms.delivery.models import Placement, PublishedDocument
from cms.pages.models import StandardPage
from sites.access.ownership import departments_owning
from sites.access.querysets import viewable_by
from tests.factories.departments import make_department
from tests.factories.pages import make_page
from tests.factories.sharing import hold_together
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db


def test_a_document_belongs_to_its_publisher_and_a_placement_to_the_department_of_the_site(commits):
    allier, isere = make_department("allier"), make_department("isere")
    with commits():
        page = make_page(StandardPage, allier)
        hold_together(page, isere)
    document = PublishedDocument.objects.get(page_id=page.pk)

    assert list(departments_owning(document)) == [allier]
    assert document in viewable_by(PublishedDocument.objects.all(), make_user("a", groups=["allier:editor"]))
    colleague = make_user("b", groups=["isere:editor"])
    assert document not in viewable_by(PublishedDocument.objects.all(), colleague)
    placements = viewable_by(Placement.objects.filter(document=document), colleague)
    assert [placement.department for placement in placements] == [isere]
