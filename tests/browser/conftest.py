"""A department that the live server answers for by host name, its publisher, and a browser that is logged in."""

from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Group
from django.db import DEFAULT_DB_ALIAS, connections
from PIL import Image
from playwright.sync_api import expect

from cms.pages.models import SectionPage
from sites.lifecycle.provisioning import create_department
from tests.contracts.samples import publish_samples
from tests.factories.pages import home_of, make_page
from tests.snapshots import built_or_restored

HOST = "allier.localhost"  # Chromium resolves it to this machine (RFC 6761).
USERNAME = "publisher-allier"
PASSWORD = "a long enough password"
IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"

# Reported by the browser for each refused resource, script and style.
RECORDER = """
  window.policyViolations = [];
  document.addEventListener("securitypolicyviolation", event => window.policyViolations.push(
    `${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""

# A machine that is busy with other tests is slow.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def connection_of_tests(django_db_setup):
    return connections[DEFAULT_DB_ALIAS]


@pytest.fixture(scope="session")
def playwright(connection_of_tests, playwright):
    """Playwright, without a second connection to the database.

    Django keeps connections by event loop. Playwright's loop would get one that lacks what the first one knows: the
    rows to restore after tests that commit.
    """
    connections[DEFAULT_DB_ALIAS] = connection_of_tests
    return playwright


@pytest.fixture
def browser_context_args(browser_context_args):
    return {**browser_context_args, "locale": "fr-FR", "timezone_id": "Europe/Paris"}


@pytest.fixture
def context(context, live_server):
    """A browser that reaches nothing but the live server."""
    port = urlsplit(live_server.url).port
    context.route(lambda url: urlsplit(url).port != port, lambda route: route.abort())
    return context


@pytest.fixture
def site(live_server):
    """URL of the department's own site on the live server."""
    return f"http://{HOST}:{urlsplit(live_server.url).port}"


@pytest.fixture
def department(site):
    return create_department(
        code="03",
        name="Allier",
        slug="allier",
        hostname=HOST,
        port=urlsplit(site).port,
        locales=["fr", "en"],
        source="fr",
    )


@pytest.fixture
def section(department):
    """The department's events, in its menu."""
    home = home_of(department)
    return make_page(SectionPage, home, title="Événements", slug="evenements", lists="event", show_in_menus=True)


@pytest.fixture
def publisher(department, django_user_model):
    """Somebody who may write and publish in the department and nothing else."""
    user = django_user_model.objects.create_user(USERNAME, "publisher@example.test", PASSWORD)
    user.groups.add(Group.objects.get(name="allier:publisher"))
    return user


@pytest.fixture
def member(django_user_model):
    """`member("claire", "allier:editor", …)`: somebody who has these roles, with the password of all."""

    def member(name, *groups):
        user = django_user_model.objects.create_user(name, f"{name}@example.test", PASSWORD, first_name=name.title())
        user.groups.set(Group.objects.filter(name__in=groups))
        return user

    return member


@pytest.fixture
def another(new_context):
    """`another()`: the browser of somebody else."""
    return lambda: new_context().new_page()


@pytest.fixture
def log_in(live_server):
    """`log_in(page, username)`: log in through the form."""

    def log_in(page, username):
        page.goto(f"{live_server.url}/admin/")
        page.locator("#id_username").fill(username)
        page.locator("#id_password").fill(PASSWORD)
        page.get_by_role("button", name="S’identifier", exact=True).click()
        page.wait_for_url(f"{live_server.url}/admin/")
        return page

    return log_in


@pytest.fixture
def editor(page, publisher, log_in):
    """A page of a browser in which the publisher has logged in through the form."""
    return log_in(page, USERNAME)


@pytest.fixture
def picture(request):
    """`picture(page, name)`: what the page shows, for the documentation; nothing without `--screenshots`."""

    def picture(page, name):
        if not request.config.getoption("screenshots"):
            return
        page.set_viewport_size({"width": 1280, "height": 800})
        page.wait_for_load_state("networkidle")
        # Editors' pickers and the messages' slide-in have no place in a picture.
        page.wait_for_timeout(800)
        image = Image.open(BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
        image.quantize(128).save(IMAGES / f"{name}.png", optimize=True)

    return picture


@pytest.fixture
def urls(live_server, site, search_index):
    """URLs of every kind of page of the reader, by name; what the pages show is filled in everywhere."""
    port = urlsplit(site).port

    def publish():
        pages = publish_samples()
        # In the same transaction, so that the documents are made once, with this host.
        here = pages["home"].get_site()
        here.hostname, here.port = HOST, port
        here.save()
        return pages

    pages = built_or_restored(f"samples on port {port}", publish)
    search_index()
    paths = {name: page.get_url_parts()[2] for name, page in pages.items()}
    return {
        "portal": f"{live_server.url}/",
        "no site": f"{live_server.url}/nobody/",
        "missing": f"{site}/fr/nothing/",
        **{name: f"{site}{path}" for name, path in paths.items()},
        "search": f"{site}/search/?q=exemple&language=fr",
        "search over all": f"{live_server.url}/search/?q=exemple",
        "under a prefix": f"{live_server.url}/allier{paths['event']}",
    }


@pytest.fixture
def violations(page):
    """Return a function that opens a URL and returns the violations and script errors of the page and its frames."""
    errors = []
    page.add_init_script(RECORDER)
    page.on("pageerror", lambda error: errors.append(str(error)))

    def violations(url):
        errors.clear()
        response = page.goto(url)
        assert "content-security-policy" in response.headers, url
        page.wait_for_load_state("networkidle")
        found = [entry for frame in page.frames for entry in frame.evaluate("window.policyViolations || []")]
        return [f"{url}: {entry}" for entry in [*found, *errors]]

    return violations
