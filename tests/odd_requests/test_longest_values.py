"""No text field of a form costs more than a bounded number of queries and seconds, however long its value is.

Each field gets a text of its maximum length or, if it has none, of 1 MB of short words, all of them different, of which
a field that divides its text makes the most parts.
"""

import re
import time

import pytest
from django import forms
from django.db import connection
from django.urls import reverse
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.snippets.models import get_snippet_models
from wagtail.test.utils.form_data import rich_text

from sites.access.permission_policies import instances_with_permission
from tests.factories.users import make_user
from tests.isolation.test_form_references import PAGE_MODELS

from .request_sender import SERVER_ERROR, Sender
from .sent_forms import RICH_TEXT, VALUE, positions_of

pytestmark = pytest.mark.embedded

WITHOUT_MAXIMUM = 1_000_000
# Several times what the form takes with the values of the samples, which is at most 150 queries and a second.
MAX_QUERIES, MAX_SECONDS = 600, 15
# Texts up to this length are sent together, in one request.
SHORT = 10_000
FOUND = 302
FORMS = (*(model.__name__ for model in PAGE_MODELS), "images", "documents", "snippets")


def words(length):
    """Return a text of so many characters, of different short words."""
    text = " ".join(f"{number:x}" for number in range(length // 3 + 1))
    return text[:length]


def maximum(position):
    """Return the largest number of characters that a text field accepts; None if it takes no text or has no maximum."""
    field = getattr(position.reader, "field", position.reader)
    return getattr(field, "max_length", None) or getattr(field.widget, "attrs", {}).get("maxlength")


def is_text(position):
    field = getattr(position.reader, "field", position.reader)
    return position.kind == RICH_TEXT or (position.kind == VALUE and isinstance(field, forms.CharField))


def longest(position):
    text = words(int(maximum(position) or WITHOUT_MAXIMUM))
    if position.kind != RICH_TEXT:
        return text
    features = getattr(position.reader, "features", None) or position.reader.widget.features
    return rich_text(f"<p>{text}</p>", features=features)


def urls_of(samples, user, name):
    """Return the URLs of the forms of a kind."""
    if name in samples:
        return [reverse("wagtailadmin_pages:edit", args=[samples[name].pk])]
    if name == "images":
        return [reverse("wagtailimages:edit", args=[get_image_model().objects.first().pk])]
    if name == "documents":
        return [reverse("wagtaildocs:edit", args=[get_document_model().objects.first().pk])]
    own = (instances_with_permission(model, user, "change").first() for model in get_snippet_models())
    rows = [row for row in own if row is not None]
    return [reverse(row.snippet_viewset.get_url_name("edit"), args=[row.pk]) for row in rows]


class Count:
    """The number of queries of a request, which ends with an error beyond MAX_QUERIES."""

    def __init__(self):
        self.queries = 0

    def __call__(self, execute, *arguments):
        self.queries += 1
        if self.queries > MAX_QUERIES:
            raise RuntimeError(f"more than {MAX_QUERIES} queries")
        return execute(*arguments)


def cost(sender, url, data):
    """Return the status of a request that sends a form, and what is wrong with it, "" for nothing."""
    count, begun = Count(), time.process_time()
    with connection.execute_wrapper(count):
        answer = sender.send("post", url, data=data)
    seconds = time.process_time() - begun
    fault, status = "", answer.response.status_code
    if count.queries > MAX_QUERIES:
        fault = f"{MAX_QUERIES} queries"
    elif status >= SERVER_ERROR:
        fault = answer.fault
    elif seconds > MAX_SECONDS:
        fault = f"{status} after {count.queries} queries and {seconds:.1f} s"
    return status, fault


@pytest.mark.parametrize("name", FORMS)
def test_the_longest_text_of_each_field_has_a_bounded_cost(client, samples, name):
    client.force_login(user := make_user("a", groups=["allier:administrator"]))
    sender, faults, number, saved = Sender(client), [], 0, 0
    for url in urls_of(samples, user, name):
        positions = list(positions_of(client.get(url).context["form"]))
        data = {each.name: each.value for each in positions if not isinstance(each.reader, forms.FileField)}
        # One of the fields of equal blocks is enough.
        texts = {re.sub(r"\b\d+\b", "n", each.name): each for each in reversed(positions) if is_text(each)}
        values = {each.name: longest(each) for each in texts.values()}
        number += len(values)
        short = {key: value for key, value in values.items() if len(value) <= SHORT}
        # One that is refused, such as a slug with spaces, would keep the others from being saved.
        together = {
            each.name: short[each.name]
            for each in texts.values()
            if each.name in short and each.is_accepted(short[each.name])
        }
        for odd in (together, *({key: value} for key, value in values.items() if key not in short)):
            status, fault = cost(sender, url, data | odd)
            saved += status == FOUND
            if fault:
                faults.append(f"{url} {', '.join(odd)}: {fault}")
    assert number > 1
    assert saved > 0
    assert faults == []
