"""Both engines, for tests that go from publication to the reader."""

import pytest


@pytest.fixture(params=["embedded", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)])
def each_engine(request, settings):
    """Run the test once on every engine; name it before `search_index`."""
    settings.SEARCH_ENGINE = request.param
    if request.param == "elasticsearch":
        # An index for each language: two show what eight do, in a quarter of the time.
        settings.WAGTAIL_CONTENT_LANGUAGES = [("fr", "French"), ("en", "English")]
    return request.param
