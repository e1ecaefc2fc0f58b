"""Search results contain only public documents, after every change, on both engines."""

import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import timezone
from wagtail.models import PageViewRestriction

from cms.delivery.models import FeedCounter, PublishedDocument
from cms.pages.models import EventPage, StandardPage, TestimonialPage
from search.engines import get_or_create_live_engine
from search.query.search_query import SearchQuery, parse_words
from search.results import complete, find_similar, run_search
from tests.factories.departments import make_department
from tests.factories.media import ConsentFactory
from tests.factories.pages import make_page

pytestmark = pytest.mark.django_db

WORDS = "Ouistiti pinché"


@pytest.fixture
def department(commits):
    with commits():
        return make_department("allier")


@pytest.fixture
def found_by(each_engine, department, commits, search_index):
    """Return a function that updates the index and returns the functions that find the content with `WORDS`."""
    with commits():
        neighbour = make_page(StandardPage, department, title="Ouistiti pinché et cie", slug="voisin")

    def found_by(*, up_to_date=True):
        engine = search_index() if up_to_date else get_or_create_live_engine()
        words = SearchQuery(words=parse_words(WORDS))
        shown = [card["title"] for _hit, card in run_search(words, highlight=True).cards]
        answer = engine.search(SearchQuery(filters={"department": ("allier",)}))
        others = {"home", "standard", "section"}
        results = {
            "search": WORDS in shown,
            "index": engine.search(words).count > 1,
            "suggest": WORDS in [completion.text for completion in complete("ouist", "fr", 9)],
            "place": "Vichy" in [completion.text for completion in complete("vichy", "fr", 9)],
            "similar": WORDS in [card["title"] for _hit, card in find_similar(str(neighbour.translation_key), "fr", 9)],
            "facets": bool(dict(answer.facets["type"]).keys() - others),
        }
        return {name for name, is_found in results.items() if is_found}

    return found_by


ALL_FUNCTIONS = {"search", "index", "suggest", "similar", "facets"}


def test_only_public_content_is_found_after_each_change_of_its_state(department, commits, found_by):
    assert found_by() == set()
    for _round in range(2):
        with commits():
            page = make_page(EventPage, department, title=WORDS, venue_city="Vichy", publish=False)
        assert found_by() == set(), "a draft"
        with commits():
            page.save_revision().publish()
        assert found_by() == ALL_FUNCTIONS | {"place"}
        with commits():
            restriction = PageViewRestriction.objects.create(
                page=page, restriction_type=PageViewRestriction.PASSWORD, password="x"
            )
        assert found_by() == set(), "a private page"
        with commits():
            restriction.delete()
        assert found_by() == ALL_FUNCTIONS | {"place"}
        with commits():
            page.refresh_from_db()
            page.unpublish()
        assert found_by() == set(), "withdrawn"
        with commits():
            page.save_revision().publish()
        assert found_by() == ALL_FUNCTIONS | {"place"}
        with commits():
            page.delete()
        assert found_by() == set(), "deleted"


def test_withdrawn_content_is_not_shown_before_the_index_follows(department, commits, found_by):
    with commits():
        page = make_page(EventPage, department, title=WORDS, venue_city="Vichy")
    assert found_by() == ALL_FUNCTIONS | {"place"}
    with commits():
        page.unpublish()
    assert found_by(up_to_date=False) == {"index", "facets", "place"}, "only what names no content"


def test_public_completions_replace_withdrawn_ones(
    each_engine, department, commits, search_index, django_assert_num_queries
):
    with commits():
        pages = [make_page(EventPage, department, title=f"Ouistiti {number}") for number in range(4)]
    search_index()
    with commits():
        pages[0].unpublish()
        pages[2].unpublish()
    with django_assert_num_queries(1):
        completed = complete("ouist", "fr", 2)
    assert {completion.text for completion in completed} == {"Ouistiti 1", "Ouistiti 3"}


def test_places_leave_room_for_titles_up_to_the_limit(each_engine, department, commits, search_index):
    with commits():
        for number in range(6):
            make_page(EventPage, department, title=f"Ouistiti {number}", venue_city=f"Ouistreham {number}")
    search_index()
    kinds = [completion.kind for completion in complete("ouist", "fr", 8)]
    assert (kinds.count("place"), kinds.count("event")) == (3, 5)


def test_a_testimonial_is_found_only_while_its_consent_is_valid(department, commits, found_by):
    consent = ConsentFactory(collection=department.collection)
    with commits():
        page = make_page(TestimonialPage, department, title=WORDS, consent=consent)
    for _round in range(2):
        assert found_by() == ALL_FUNCTIONS
        with commits():
            consent.withdrawn_on = timezone.localdate()
            consent.save()
        assert found_by() == set()
        with commits():
            consent.withdrawn_on = None
            consent.save()
            page.refresh_from_db()
            page.save_revision().publish()


def expire(page):
    """Let the document of a page end a second ago, as a change of the feed."""
    with transaction.atomic():
        counter = FeedCounter.locked()
        PublishedDocument.objects.filter(page_id=page.pk).update(
            expires_at=timezone.now() - datetime.timedelta(seconds=1), sequence=counter.next()
        )
        counter.save()


def test_expired_content_is_hidden_before_any_job_runs(department, commits, found_by):
    ends = timezone.now() + datetime.timedelta(hours=1)
    with commits():
        page = make_page(EventPage, department, title=WORDS, venue_city="Vichy", expire_at=ends)
    assert found_by() == ALL_FUNCTIONS | {"place"}
    # The state after the expiry, for the index and the database.
    expire(page)
    assert found_by() == set()


@pytest.mark.parametrize(
    ("code", "zone"), [("03", "Europe/Paris"), ("974", "Indian/Reunion"), ("972", "America/Martinique")]
)
def test_an_event_ranks_lower_from_the_midnight_of_its_department(
    each_engine, commits, search_index, time_machine, code, zone
):
    day = datetime.date(2030, 6, 10)
    with commits():
        department = make_department("ailleurs", code=code)
        for title, start in ((WORDS, day), (f"{WORDS} et cie", day + datetime.timedelta(days=9))):
            make_page(EventPage, department, title=title, start_date=start, end_date=None, start_time=None)
    search_index()

    def first():
        return run_search(SearchQuery(words=parse_words(WORDS))).cards[0][1]["title"]

    midnight = datetime.datetime(2030, 6, 11, tzinfo=ZoneInfo(zone))
    time_machine.move_to(midnight - datetime.timedelta(minutes=1), tick=False)
    assert first() == WORDS
    time_machine.move_to(midnight, tick=False)
    assert first() == f"{WORDS} et cie"


def test_words_of_content_that_is_not_public_are_not_suggested(each_engine, department, commits, search_index):
    """An index keeps the words of deleted documents until its segments are merged."""
    other = {"title": "Témoignage de Robert", "slug": "robert"}
    with commits():
        make_page(StandardPage, department, **other)
        page = make_page(StandardPage, department, title="Témoignage de Wolgzyx", slug="wolgzyx")

    def offered(q):
        return search_index().search(SearchQuery(words=parse_words(q), locales=("fr",))).suggestion

    for _round in range(2):
        assert offered("wolgzx") == "wolgzyx"
        with commits():
            page.refresh_from_db()
            page.unpublish()
        assert offered("wolgzx") == "", "withdrawn"
        assert offered("robbert") == "robert"
        with commits():
            page.save_revision().publish()
        assert offered("wolgzx") == "wolgzyx"
        with commits():
            restriction = PageViewRestriction.objects.create(
                page=page, restriction_type=PageViewRestriction.PASSWORD, password="x"
            )
        assert offered("wolgzx") == "", "a private page"
        with commits():
            restriction.delete()
    expire(page)
    assert offered("wolgzx") == "", "past its time"
    with commits():
        page.delete()
    assert offered("wolgzx") == "", "deleted"
