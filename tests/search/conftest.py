"""Fixtures of both engines for tests from publication to the reader."""

import pytest

from search.engines.elasticsearch import circuit_breaker
from search.engines.embedded import search_execution as embedded_execution


@pytest.fixture(autouse=True)
def _time_to_answer(request):
    """Allow slow answers, so that a busy machine gives the same results. `make test-outage` tests the timeouts."""
    # Not by the fixture `monkeypatch`: `commits` repeats no publication of a test that has replaced code.
    with pytest.MonkeyPatch.context() as patch:
        if not request.node.get_closest_marker("outage"):
            patch.setattr(circuit_breaker, "SEARCH_TIMEOUT", 30.0)
            patch.setattr(circuit_breaker, "SEARCH_SECONDS", 60.0)
            patch.setattr(embedded_execution, "SEARCH_SECONDS", 30.0)
        yield


@pytest.fixture(params=["embedded", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)])
def each_engine(request, settings):
    """Run the test on each engine. Request it before `search_index`."""
    settings.SEARCH_ENGINE = request.param
    if request.param == "elasticsearch":
        # Elasticsearch has an index for each language: two languages take a quarter of the time of eight.
        settings.WAGTAIL_CONTENT_LANGUAGES = [("fr", "French"), ("en", "English")]
    return request.param
