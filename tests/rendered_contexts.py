"""`response.context` of tests: the contexts of the templates that views render, without those inside other templates.

Replaces: `django.test.utils.instrumented_test_render`, which Django's test environment sets as `Template._render`.
Why no hook serves: Django copies the context of each template, and a page of the admin is made of up to 400. That took
    a seventh of the time of its request. A test that asks for the context of an inner template gets KeyError.
Written for: Django 5.2.
Upstream issue: none found.
Test that fails when upstream changes: every test that reads `response.context`.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.template import Context, Template
from django.test.signals import template_rendered
from django.test.utils import instrumented_test_render  # type: ignore[attr-defined]

_thread = threading.local()


def _render(template: Template, context: Context) -> str:
    """Render a template; send the signal that stores its context unless another template is being rendered."""
    if getattr(_thread, "is_rendering", False):
        return template.nodelist.render(context)
    template_rendered.send(sender=template, template=template, context=context)
    _thread.is_rendering = True
    try:
        return template.nodelist.render(context)
    finally:
        _thread.is_rendering = False


def store_contexts_of_views() -> None:
    """Let `response.context` hold the contexts of the templates that views render; called in the test environment."""
    Template._render = _render  # type: ignore[attr-defined]


@contextmanager
def every_context() -> Iterator[None]:
    """Let `response.context` hold the context of every template within the block, as in Django."""
    Template._render = instrumented_test_render  # type: ignore[attr-defined]
    yield
    store_contexts_of_views()
