"""A language is declared once: the checks name each part that it lacks, and a complete one works everywhere."""

import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from django.core.checks import run_checks
from elasticsearch import BadRequestError, Elasticsearch
from wagtail.models import Locale

from cms.pages.models import StandardPage
from cms.reader.checks import reader_messages
from search.linguistics.languages import ELASTICSEARCH_STEMMERS, language_of
from search.query.search_query import SearchQuery, fallback_chain, parse_words
from search.results import run_search
from tests.factories.departments import make_department
from tests.factories.pages import home_of, make_page

ESTONIAN = {
    "name": "Estonian",
    "snowball_stemmer": "estonian",
    "elasticsearch_stemmer": "estonian",
    "extra_stop_words": frozenset(("kuidas", "kus", "millal", "kes", "miks")),
    "question_words": frozenset(("saada", "töötama", "leida", "otsima", "abi")),
}


@pytest.fixture
def declare(settings):
    """Return a function that adds Estonian, as declared by its argument, to French and English."""

    def declare_estonian(declaration, folder):
        settings.LANGUAGE_DECLARATIONS = settings.LANGUAGE_DECLARATIONS | {"et": declaration}
        settings.LANGUAGES = [("fr", "French"), ("en", "English"), ("et", "Estonian")]
        settings.WAGTAIL_CONTENT_LANGUAGES = settings.LANGUAGES
        settings.LOCALE_PATHS = [*settings.LOCALE_PATHS, folder]

    yield declare_estonian
    language_of.cache_clear()


def write_catalogue(folder, messages):
    """Write a compiled Estonian catalogue that translates each message by itself with a prefix."""
    catalogue = Catalog(locale="et")
    for context, message in messages:
        catalogue.add(message, f"et {message}", context=context)
    path = folder / "et" / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_mo(file, catalogue)


def language_errors():
    return {message.id: message.msg for message in run_checks(tags=["languages"])}


def test_the_languages_of_the_instance_are_complete():
    assert language_errors() == {}


def test_each_missing_part_of_a_language_is_named(declare, tmp_path, settings):
    declare({"name": "Estonian"}, tmp_path)
    assert language_errors() == {
        "reader.E001": "The language “et” has no gettext catalogue of the reader.",
        "cms_search.E002": "The language “et” has no analyser of the embedded engine (snowball_stemmer).",
        "cms_search.E003": "The language “et” has no analyser of Elasticsearch (elasticsearch_stemmer).",
        "cms_search.E004": "The language “et” has no stop words (stop_words).",
        "cms_search.E005": "The language “et” has no question words (question_words).",
    }
    settings.WAGTAIL_CONTENT_LANGUAGES = [*settings.LANGUAGES, ("eo", "Esperanto")]
    assert language_errors()["cms_search.E001"] == "The language “eo” is not declared."


def test_wrong_parts_of_a_language_are_named(declare, tmp_path, settings):
    write_catalogue(tmp_path, [(None, "Search")])
    declare(ESTONIAN | {"snowball_stemmer": "estonisch", "stop_words": "estonisch"}, tmp_path)
    settings.SEARCH_FALLBACKS = ("en", "eo")
    errors = language_errors()
    assert errors.keys() == {"reader.E002", "cms_search.E002", "cms_search.E004", "cms_search.E007"}
    assert errors["cms_search.E002"] == "The language “et” names an unknown Snowball algorithm: estonisch."
    assert f"lacks {len(reader_messages()) - 1} translations of the reader" in errors["reader.E002"]


def test_a_language_of_the_interface_that_lacks_words_of_translators_is_named(declare, tmp_path, settings):
    write_catalogue(tmp_path, reader_messages())
    declare(ESTONIAN, tmp_path)
    settings.WAGTAILADMIN_PERMITTED_LANGUAGES = [("fr", "French"), ("et", "Estonian")]
    [(identifier, message)] = language_errors().items()
    assert identifier == "reader.E003"
    assert message.startswith("The interface language “et” lacks ")


@pytest.mark.parametrize("part", ["snowball_stemmer", "elasticsearch_stemmer"])
def test_a_stemmer_that_elasticsearch_lacks_is_named(declare, tmp_path, part):
    """The embedded engine has a Polish stemmer, and Elasticsearch would refuse the index."""
    write_catalogue(tmp_path, reader_messages())
    declare(ESTONIAN | {part: "polish"}, tmp_path)
    [message] = language_errors().values()
    assert "Elasticsearch" in message
    assert message.endswith(": polish.")


@pytest.mark.elasticsearch
def test_elasticsearch_has_the_stemmers(settings):
    with Elasticsearch(settings.ELASTICSEARCH_URL) as client:

        def accepts(stemmer):
            stemming = {"type": "stemmer", "language": stemmer}
            try:
                client.indices.analyze(tokenizer="standard", filter=[stemming], text="word")
            except BadRequestError:
                return False
            return True

        assert [name for name in sorted(ELASTICSEARCH_STEMMERS) if not accepts(name)] == []
        assert not accepts("polish")


@pytest.mark.django_db
@pytest.mark.usefixtures("each_engine")
def test_a_declared_language_is_published_listed_searched_and_filtered(
    declare, tmp_path, client, commits, search_index
):
    write_catalogue(tmp_path, reader_messages())
    declare(ESTONIAN, tmp_path)
    assert language_errors() == {}
    Locale.objects.get_or_create(language_code="et")
    with commits():
        allier = make_department("allier", locales=["fr", "et"])
        make_page(StandardPage, allier, title="Métiers du social", slug="metiers")
        make_page(StandardPage, home_of(allier, "et"), title="Sotsiaaltöötaja ja lapsehoidja", slug="sotsiaaltootaja")
    search_index()

    listed = client.get("/api/v1/contents/", {"locale": "et", "type": "standard"}).json()["results"]
    assert [card["title"] for card in listed] == ["Sotsiaaltöötaja ja lapsehoidja"]

    query = SearchQuery(words=parse_words("lapsehoidjate"), locales=fallback_chain("et"))
    assert [card["title"] for _hit, card in run_search(query).cards] == ["Sotsiaaltöötaja ja lapsehoidja"]
    filtered = run_search(SearchQuery(filters={"locale": ("et",), "type": ("standard",)}))
    assert [card["locale"] for _hit, card in filtered.cards] == ["et"]

    page = client.get("/allier/et/sotsiaaltootaja/").content.decode()
    assert "et Skip to content" in page
