"""`response.context` has the contexts of the templates that views render, and on request those of all templates."""

import pytest
from django.template import engines
from django.test import RequestFactory
from django.test.signals import template_rendered

TEMPLATE = """{% for name in names %}{% include inner %}{% endfor %}"""


@pytest.fixture
def rendered():
    """Return a function that renders a template with two inner ones, and returns the names in each stored context."""
    stored = []

    def store(context, **kwargs):
        stored.append(context.get("name", "outer"))

    def rendered():
        template_rendered.connect(store)
        try:
            inner = engines["django"].from_string("{{ name }}").template
            values = {"names": ["first", "second"], "inner": inner}
            text = engines["django"].from_string(TEMPLATE).render(values, RequestFactory().get("/"))
        finally:
            template_rendered.disconnect(store)
        assert text == "firstsecond"
        return stored

    return rendered


def test_the_contexts_of_inner_templates_are_left_out(rendered):
    assert rendered() == ["outer"]


def test_every_context_is_stored_on_request(rendered, every_context):
    assert rendered() == ["outer", "first", "second"]


def test_a_template_that_fails_does_not_hide_the_next_one(rendered):
    def fail():
        raise LookupError

    with pytest.raises(LookupError):
        engines["django"].from_string("{{ fail }}").render({"fail": fail})
    assert rendered() == ["outer"]
