"""Limits of search and completion: API, API version 2 and the search page."""

import pytest

from cms.api.search_views import IndexedView
from cms.api.urls import urlpatterns
from tests.factories.departments import make_department

pytestmark = pytest.mark.django_db

INDEX_VIEWS = [
    pattern for pattern in urlpatterns if issubclass(getattr(pattern.callback, "view_class", object), IndexedView)
]


@pytest.fixture
def limited(rate_limits):
    rate_limits["search.client"] = rate_limits["completion.client"] = "2/minute"


@pytest.mark.parametrize("pattern", INDEX_VIEWS, ids=lambda pattern: pattern.name)
def test_every_endpoint_of_search_is_limited(client, limited, pattern, search_index):
    path = "/api/v1/" + str(pattern.pattern).replace("<str:content_id>", "7d4b2f6e-1111-4222-8333-944455556666")
    answers = [client.get(path, {"q": "aide"} if pattern.name in ("search", "suggest") else {}) for _call in range(4)]
    assert [answer.status_code for answer in answers[2:]] == [429, 429]
    assert 429 not in [answer.status_code for answer in answers[:2]]
    assert 0 < int(answers[-1]["Retry-After"]) <= 60
    assert answers[-1].json()["type"] == "/problems/too-many-requests"
    assert answers[-1]["Cache-Control"] == "no-store"


def test_the_search_of_version_2_is_limited(client, limited):
    host = {"HTTP_HOST": make_department("allier").site.hostname}
    answers = [client.get("/api/v2/pages/", {"search": "aide"}, **host).status_code for _call in range(3)]
    assert answers == [200, 200, 429]
    assert client.get("/api/v2/pages/", **host).status_code == 200


@pytest.mark.parametrize("path", ["/search/", "/allier/search/"])
def test_the_search_page_is_limited(client, limited, search_index, path):
    make_department("allier")
    search_index()
    answers = [client.get(path, {"q": "aide"}) for _call in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 60
    assert "ne répond pas" in answers[-1].content.decode()
