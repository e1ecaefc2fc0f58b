"""Tests of the rewriting of URLs of canonical sites."""

import pytest

from cms.reader.url_rewriting import UrlRewriter

REWRITER = UrlRewriter({"http://allier.example.test": "/allier", "https://isere.example.test:8443": "/isere"})


@pytest.mark.parametrize(
    ("canonical", "rewritten"),
    [
        ("http://allier.example.test/fr/evenements/", "/allier/fr/evenements/"),
        ("http://allier.example.test/fr/?page=2#note-1", "/allier/fr/?page=2#note-1"),
        ("http://allier.example.test/", "/allier/"),
        ("http://allier.example.test", "/allier/"),
        ("http://allier.example.test/media/a.jpg", "/media/a.jpg"),
        ("http://allier.example.test/documents/3/a.pdf", "/documents/3/a.pdf"),
        ("https://isere.example.test:8443/it/", "/isere/it/"),
        ("https://isere.example.test/it/", "https://isere.example.test/it/"),
        ("http://allier.example.test.evil.example/fr/", "http://allier.example.test.evil.example/fr/"),
        ("http://allier.example.test:8000/fr/", "http://allier.example.test:8000/fr/"),
        ("https://other.example/fr/", "https://other.example/fr/"),
        ("mailto:a@allier.example.test", "mailto:a@allier.example.test"),
        ("", ""),
        ("http://[", "http://["),
    ],
)
def test_url_is_rewritten(canonical, rewritten):
    assert REWRITER.rewrite_url(canonical) == rewritten


def test_html_changes_only_in_url_attributes():
    html = (
        '<p>See http://allier.example.test/fr/ or <a lang="fr" href="http://allier.example.test/fr/?a=1&amp;b=2">'
        'href="http://allier.example.test/"</a> <a href="https://other.example/">x</a></p>'
    )
    assert REWRITER.rewrite_html(html) == (
        '<p>See http://allier.example.test/fr/ or <a lang="fr" href="/allier/fr/?a=1&amp;b=2">'
        'href="http://allier.example.test/"</a> <a href="https://other.example/">x</a></p>'
    )


def test_document_is_copied_with_urls_rewritten_at_every_depth():
    document = {
        "title": "http://allier.example.test is our site",
        "size": 3,
        "list": [{"url": "http://allier.example.test/media/a.jpg"}],
        "html": '<a href="http://allier.example.test/fr/">a</a>',
    }
    assert REWRITER.rewrite_document(document) == {
        "title": "http://allier.example.test is our site",
        "size": 3,
        "list": [{"url": "/media/a.jpg"}],
        "html": '<a href="/allier/fr/">a</a>',
    }
    assert document["list"][0]["url"].startswith("http://")
