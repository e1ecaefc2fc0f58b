"""Tests of the sanitised HTML of rich text."""

from urllib.parse import urljoin

import pytest

from cms.media.models import CustomDocument
from cms.pages.serializers.values.rich_text import rich_text_html
from tests.factories.media import DocumentFactory

PAGE_RELATIVE = ("../agenda/", "#bas", "?page=2", "agenda")


class Context:
    """A serializer context in which only page 1 is public."""

    def absolute_url(self, url):
        return urljoin("https://allier.example.test/", url)

    def is_private_collection(self, collection_id):
        return collection_id in self.private

    private: frozenset[int] = frozenset()

    def file_url(self, file, url=""):
        return self.absolute_url(url or file.url)

    def card(self, page_id):
        return {"url": "https://allier.example.test/fr/?a=1&b=2"} if page_id == 1 else None

    def document(self, pk):
        return CustomDocument.objects.filter(pk=pk).first()

    def document_keys(self, tokens):
        return dict(CustomDocument.objects.filter(token__in=tokens).values_list("token", "pk")) if tokens else {}


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
        *(
            (f'<p><a href="{url}">x</a></p>', f'<p><a href="{absolute}" rel="noopener">x</a></p>')
            for url, absolute in (
                ("/fr/campagnes/", "https://allier.example.test/fr/campagnes/"),
                ("tel:+33100000000", "tel:+33100000000"),
            )
        ),
        *((f'<p><a href="{url}">x</a></p>', '<p><a rel="noopener">x</a></p>') for url in PAGE_RELATIVE),
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


@pytest.mark.django_db
class TestPrivateDocument:
    """A link to a document of a private collection; `{url}` stands for its URL."""

    @pytest.fixture
    def shown(self):
        document = DocumentFactory(title="Convention avec la fondation")
        context = Context()
        context.private = frozenset({document.collection_id})

        def shown(text, attributes='linktype="document" id="{pk}"'):
            values = {"pk": document.pk, "url": document.url, "name": document.filename, "token": document.token}
            source = f"<p>Lire <a {attributes}>{text}</a> vite.</p>"
            return rich_text_html(source.format(**values), context)

        return shown

    @pytest.mark.parametrize(
        "text",
        [
            "Convention avec la fondation",
            "<b>convention</b> avec\u00a0la  fondation",
            "Télécharger : Convention avec la fondation (PDF)",
            "{name}",
            "https://allier.example.test{url}",
        ],
    )
    @pytest.mark.parametrize(
        "attributes",
        [
            'linktype="document" id="{pk}"',
            'href="{url}"',
            "id='{pk}' LINKTYPE='document'",
            "linktype=document id={pk}",
            'href="/%64ocuments/{token}/{name}"',
        ],
    )
    def test_its_title_and_url_are_not_published(self, shown, text, attributes):
        assert shown(text, attributes) == "<p>Lire  vite.</p>"

    def test_other_words_stay(self, shown):
        assert shown("notre <b>guide</b>") == "<p>Lire notre <b>guide</b> vite.</p>"
        assert "href" not in shown("notre guide", 'href="https://allier.example.test{url}"')

    def test_links_to_other_urls_stay(self, shown):
        assert 'href="https://example.org/"' in shown("Convention avec la fondation", 'href="https://example.org/"')
