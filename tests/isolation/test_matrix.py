"""The isolation matrix: every URL in every role, with objects of the other department.

No request may read, write or fail. Each request is rolled back, so every cell is independent, and a request that two
relations of a role have in common is sent once. The other department's
titles contain a mark, and a second mark is in content that even readers of its public site cannot see. A superuser
runs the same requests as a control. A URL parameter without a value in `arguments` raises KeyError.
"""

from collections import defaultdict
from dataclasses import astuple, fields

import pytest

from cms.reader import site_documents
from sites.admin.access_control.url_table import ACCESS_BY_URL_NAME, ACCESS_TABLE, Access
from sites.models import Department

from .endpoints import admin_names
from .fixture_data import MARK, ROLES, make_actor
from .public import public_targets
from .report import COLUMNS, record
from .targets import RELATIONS, admin_targets, reason_to_skip
from .verdicts import Cell, Examiner

# URLs at which even a superuser finds nothing.
UNREACHABLE = {
    "translation_board_action": "the superuser has chosen no department, whose board would show the cells",
    "media_text": "the same, whose media the screen would show",
    "language_resources": "the same, whose memory and glossary the screen would show",
    "language_resource_download": "the same",
    "machine_settings": "the same, whose services the screen would show",
    "wagtailadmin_block_preview": "no block has a preview",
    **{name: "closed to everybody" for name, access in ACCESS_BY_URL_NAME.items() if access is Access.CLOSED},
    "invitation": "shows the invitation whose link was followed in the same session",
    "copies:take": "what is shared in the fixture data is held together, and offers nothing to copy",
    "copies:changes": "the same",
    "wagtailapi:unknown": "says that there is no such address",
    "invitation_link": "the link of an invitation holds a token that is stored nowhere",
    "email_change": "the same, for a new address",
    "guest_review": "the link of a guest holds such a token too",
    "single_sign_on_start": "no provider is set up",
    "single_sign_on_return": "the same",
    "single_sign_on_accept": "the same",
    "account_security_recovery": "the account has no second factor",
    "account_security_remove": "the same",
    "account_security_sessions": "no session is named",
}
# URLs at which Wagtail fails for malformed requests of a superuser; no other role gets that far.
STOCK_ERRORS = {
    "wagtail_bulk_action": "deletes or publishes all pages of the instance at once, containers and aliases too",
    "wagtailadmin_error_test": "fails on purpose",
    "wagtailredirects:process_import": "takes an earlier upload for granted",
    "wagtailsites:delete": "the site of a department",
}


def test_url_table_classifies_every_admin_url_and_no_other():
    names = admin_names()
    assert len(names) > 200
    assert names - set(ACCESS_BY_URL_NAME) == set(), (
        "addresses that nobody has classified in sites/admin/access_control/url_table.py"
    )
    assert set(ACCESS_BY_URL_NAME) - names == set(), (
        "entries of sites/admin/access_control/url_table.py for which there is no address"
    )


def test_no_url_is_classified_twice():
    listed = [name for _access, names in ACCESS_TABLE for name in names]
    assert sorted(listed) == sorted(set(listed))


@pytest.fixture(scope="module")
def known_verdicts():
    """The verdicts of earlier tests of this module, by role."""
    return defaultdict(dict)


@pytest.fixture
def examine(fixture_data, commits, client, request, search_index, known_verdicts, uninstrumented_templates):
    """Request all URLs (or only one) for one relation in one role; return the cells."""

    def examine(role, relation, only=""):
        with commits():
            user = make_actor(role)
        search_index()
        theirs = fixture_data.theirs.department
        fixture_data.rows.record_values(theirs.container.path, theirs.collection.path)
        if user is not None:
            client.force_login(user)
        # A test of one URL changes the product.
        examiner = Examiner(role, client, fixture_data, {} if only else known_verdicts[role])
        for target in (*admin_targets(fixture_data, relation), *public_targets(fixture_data, relation)):
            if only and target.endpoint.name != only:
                continue
            if reason := reason_to_skip(target.endpoint, relation):
                examiner.skip(target, relation, reason)
            else:
                examiner.request(target, relation)
        if not only:
            record(request.node, [astuple(cell) for cell in examiner.cells])
        return examiner.cells

    return examine


def test_the_columns_of_the_report_are_the_fields_of_a_cell():
    assert tuple(field.name for field in fields(Cell)) == COLUMNS


# All roles run on the embedded defaults; other databases run the one with the most permissions and refusals.
ON_EVERY_DATABASE = {("overgranted", "other")}
CELLS = [
    pytest.param(role, relation, marks=() if (role, relation) in ON_EVERY_DATABASE else pytest.mark.embedded)
    for role in (*ROLES, "anonymous")
    for relation in RELATIONS
]


@pytest.mark.parametrize(("role", "relation"), CELLS)
def test_nothing_of_another_department_is_read_or_written(examine, role, relation):
    cells = examine(role, relation)
    failures = [str(cell) for cell in cells if cell.is_failure]
    assert not failures, "\n".join(failures)
    assert sum(1 for cell in cells if cell.method) > 40


@pytest.mark.embedded
def test_superuser_reads_and_writes_the_same_objects(examine):
    """The control: if a URL referred to nothing, every role would be refused for the wrong reason."""
    cells = examine("superuser", "other")
    requested = [cell for cell in cells if cell.method]
    assert [str(cell) for cell in requested if cell.verdict == "error" and cell.endpoint not in STOCK_ERRORS] == []
    unreached = {cell.endpoint for cell in requested} - {
        cell.endpoint for cell in requested if cell.status not in (404, 405)
    }
    assert unreached == set(UNREACHABLE)
    assert len({cell.endpoint for cell in requested if cell.verdict == "read"}) > 100, (
        "marks are seen where nothing hides them"
    )
    assert len({cell.endpoint for cell in requested if cell.verdict == "written"}) > 30, "and so are changes"


def test_matrix_detects_a_missing_rule_as_read_and_as_write(examine, monkeypatch):
    name = "wagtail_localize:update_translations"
    monkeypatch.setitem(ACCESS_BY_URL_NAME, name, Access.OPEN)
    cells = examine("overgranted", "other", only=name)
    assert {cell.method: cell.verdict for cell in cells} == {"GET": "read", "POST": "written"}


def test_matrix_detects_a_site_that_serves_foreign_pages(examine, monkeypatch):
    documents_on_site = site_documents.documents_on_site
    monkeypatch.setattr(
        site_documents, "documents_on_site", lambda _any: documents_on_site(Department.objects.get(slug=MARK))
    )
    cells = examine("anonymous", "other", only="reader:page")
    assert "read" in {cell.verdict for cell in cells}
