"""Tests of the sanitised HTML of rich text."""

import pytest

from cms.media.models import CustomDocument
from cms.pages.serializers.values.rich_text import rich_text_html
from tests.factories.media import DocumentFactory


class Context:
    """A serializer context in which only page 1 is public."""

    def absolute_url(self, url):
        return "https://allier.example.test" + url

    def file_url(self, file, url=""):
        return self.absolute_url(url or file.url)

    def card(self, page_id):
        return {"url": "https://allier.example.test/fr/?a=1&b=2"} if page_id == 1 else None

    def document(self, pk):
        return CustomDocument.objects.filter(pk=pk).first()

    def is_private_collection(self, collection_id):
        return False


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", ""),
        ("<p>Un <b>mot</b> &amp; <i>deux</i></p>", "<p>Un <b>mot</b> &amp; <i>deux</i></p>"),
        ('<p><a href="https://example.org">x</a></p>', '<p><a href="https://example.org" rel="noopener">x</a></p>'),
        ('<p><a href="mailto:a@example.org">x</a></p>', '<p><a href="mailto:a@example.org" rel="noopener">x</a></p>'),
        ('<p><a href="javascript:alert(9)">x</a></p>', '<p><a rel="noopener">x</a></p>'),
        ('<p><a href="JaVaScRiPt:alert(9)">x</a></p>', '<p><a rel="noopener">x</a></p>'),
        ('<p><a href="data:text/html,x">x</a></p>', '<p><a rel="noopener">x</a></p>'),
        ('<p onclick="x()">a<script>alert(1)</script></p>', "<p>a</p>"),
        ('<p><img src=x onerror="alert(1)">a</p>', "<p>a</p>"),
        ("<h2>a</h2>", "a"),
        (
            '<p><a linktype="page" id="1">x</a></p>',
            '<p><a href="https://allier.example.test/fr/?a=1&amp;b=2" rel="noopener">x</a></p>',
        ),
        ('<p><a linktype="page" id="2">x</a></p>', '<p><a rel="noopener">x</a></p>'),
        ('<p><a linktype="page" id="oops">x</a></p>', '<p><a rel="noopener">x</a></p>'),
        ('<p><a linktype="unknown" id="2">x</a></p>', '<p><a rel="noopener">x</a></p>'),
    ],
)
def test_rich_text_is_sanitised(source, expected):
    assert rich_text_html(source, Context()) == expected


@pytest.mark.django_db
def test_a_link_to_a_document():
    document = DocumentFactory()
    source = f'<p><a linktype="document" id="{document.pk}">x</a><a linktype="document" id="99999">y</a></p>'
    result = rich_text_html(source, Context())
    assert f'href="https://allier.example.test/documents/{document.token}/' in result
    assert '<a rel="noopener">y</a>' in result
