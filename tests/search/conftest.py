"""Both engines, for tests that go from publication to the reader."""

import pytest

from search.engines.elasticsearch import search_execution


@pytest.fixture(autouse=True)
def _time_to_answer(request, monkeypatch):
    """On a busy machine answers are the same as on a quiet one; how long one takes is for `make test-outage`."""
    if not request.node.get_closest_marker("outage"):
        monkeypatch.setattr(search_execution, "SEARCH_TIMEOUT", 30.0)


@pytest.fixture(params=["embedded", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)])
def each_engine(request, settings):
    """Run the test once on every engine; name it before `search_index`."""
    settings.SEARCH_ENGINE = request.param
    if request.param == "elasticsearch":
        # An index for each language: two show what eight do, in a quarter of the time.
        settings.WAGTAIL_CONTENT_LANGUAGES = [("fr", "French"), ("en", "English")]
    return request.param
