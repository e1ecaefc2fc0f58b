"""The contract of the engines: the same queries find the same documents."""

import datetime
import threading
import time
from dataclasses import replace
from html import unescape

import pytest

from search.curation import cached_tables
from search.engines.contract import Withdrawal
from search.facets import facet_names
from search.models import SynonymGroup
from search.query.search_query import SearchQuery, parse_words

from . import samples
from .samples import (
    COMING_EVENT,
    EDUCATOR,
    ENGLISH,
    ESCO_SOCIAL_WORKER,
    EXPIRED,
    LIBRARY,
    PARTNERSHIP_FR,
    PARTNERSHIP_IT,
    PAST_EVENT,
    SOCIAL_WORKER,
)
from .stored_sequences import stored_sequences


def search(engine, q="", **fields):
    return engine.search(SearchQuery(words=parse_words(q), **fields))


def found(engine, q="", **fields):
    return [f"{hit.content_id}:{hit.locale}" for hit in search(engine, q, **fields).hits]


def keys(*documents):
    return [document.key for document in documents]


# --- Words --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "q",
    [
        "éducateur spécialisé", "educateur specialise", "éducatrices spécialisées", "EDUCATRICE", "l'éducatrice",
        "éducateur·rice spécialisé·e", "éducateur/trice", "edukateur specialise", "éducatuer", "spécialis",
    ],
)  # fmt: skip
def test_accents_forms_and_typing_errors_are_ignored(library, q):
    assert found(library, q)[:1] == keys(EDUCATOR)


@pytest.mark.parametrize(
    "q", ["social worker", "assistente sociale", "sosiaalityöntekijä", "assistante sociale", "ASS"]
)
def test_a_profession_is_found_by_its_names_in_every_language(library, q):
    assert found(library, q)[:1] == keys(SOCIAL_WORKER)


@pytest.mark.parametrize("code", ["K1201", "2635", ESCO_SOCIAL_WORKER])
def test_a_concept_is_found_by_its_codes(library, code):
    assert found(library, concept=code) == keys(SOCIAL_WORKER)


def test_a_phrase_matches_in_its_order_only(library):
    assert found(library, '"livre blanc"') == keys(PARTNERSHIP_FR)
    assert found(library, '"blanc livre"') == []


def test_a_word_with_a_minus_excludes_documents(library):
    assert set(found(library, "erasmus -blanc")) == set(keys(PARTNERSHIP_IT))


def test_a_long_question_does_not_require_every_word(library):
    q = "comment devenir éducateur spécialisé auprès des jeunes en difficulté à Grenoble ?"
    assert found(library, q)[:1] == keys(EDUCATOR)


@pytest.mark.parametrize(
    "q",
    ["AND", "*", '"', "(", "title:x", "a OR", "NOT", "\\", "~2", "x" * 400, "\x00", "🙂", "-", "中文", "日本語 한국어"],
)
def test_no_query_raises_an_error(library, q):
    assert search(library, q).count == len(search(library, q).hits)


def test_a_query_without_words_finds_all_current_documents(library):
    assert search(library).count == len(LIBRARY) - 1


def test_expired_documents_are_not_found(library):
    assert found(library, "témoignage retiré") == []


# --- Synonyms -----------------------------------------------------------------------------------------------


CHILD_WELFARE = samples.document(20, "L’aide sociale à l’enfance", text="Protéger les mineurs.")


def test_a_long_form_with_stop_words_is_a_name(engine):
    engine.apply([CHILD_WELFARE], ())
    assert found(engine, "ASE", locales=("fr",))[:1] == keys(CHILD_WELFARE)


@pytest.mark.django_db
def test_a_synonym_takes_effect_until_it_is_deleted(engine):
    cached_tables.refresh_cached_tables()
    assert found(engine, "zébulon", locales=("fr",)) == []
    group = SynonymGroup.objects.create(language="fr", names="zébulon, éducateur spécialisé")
    cached_tables.refresh_cached_tables()
    assert found(engine, "zébulon", locales=("fr",))[:1] == keys(EDUCATOR)
    assert found(engine, "un Zebulon", locales=("fr",))[:1] == keys(EDUCATOR)
    assert found(engine, "ASS", locales=("fr",))[:1] == keys(SOCIAL_WORKER), "those of the files stay"
    group.names = "barnabé, éducateur spécialisé"
    group.save()
    cached_tables.refresh_cached_tables()
    assert found(engine, "zébulon", locales=("fr",)) == []
    assert found(engine, "barnabé", locales=("fr",))[:1] == keys(EDUCATOR)
    group.delete()
    cached_tables.refresh_cached_tables()
    assert found(engine, "barnabé", locales=("fr",)) == []


def test_a_synonym_counts_as_one_term(engine):
    engine.apply([CHILD_WELFARE, samples.document(21, "Aide et soins à domicile", text="Une action sociale.")], ())
    assert found(engine, "ASE mineurs", locales=("fr",))[:1] == keys(CHILD_WELFARE)
    assert found(engine, "ASE", locales=("fr",)) == keys(CHILD_WELFARE), "a part of a name is not the name"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["a => b", "tiret\\", "=>", "#rien", "le de", "(", "+*?", "AND", "x" * 90])
def test_names_of_synonyms_contain_no_syntax(engine, name):
    SynonymGroup.objects.create(language="fr", names=f"{name}, éducateur")
    cached_tables.refresh_cached_tables()
    assert found(engine, "éducateur spécialisé", locales=("fr",))[:1] == keys(EDUCATOR)


# --- Languages ----------------------------------------------------------------------------------------------


def test_each_content_is_found_in_the_first_available_language(library):
    assert found(library, "erasmus", locales=("it", "fr")) == keys(PARTNERSHIP_IT)
    assert found(library, "erasmus", locales=("fr", "it")) == keys(PARTNERSHIP_FR)
    assert found(library, "erasmus", locales=("en", "fr")) == keys(PARTNERSHIP_FR)
    assert set(found(library, "erasmus")) == set(keys(PARTNERSHIP_FR, PARTNERSHIP_IT))


def test_words_are_analysed_by_the_rules_of_their_language(library):
    assert found(library, "social worker", locales=("en",)) == keys(ENGLISH)


# --- Filters, facets, order ---------------------------------------------------------------------------------


def test_filters_combine_with_and_and_their_values_with_or(library):
    assert set(found(library, filters={"type": ("profession",)})) == set(keys(SOCIAL_WORKER, EDUCATOR))
    assert search(library, filters={"type": ("profession", "event")}).count == 4
    assert found(library, filters={"type": ("event",), "department": ("isere",)}) == keys(COMING_EVENT)
    assert found(library, filters={"country": ("IT",)}) == keys(COMING_EVENT)
    assert found(library, filters={"audience": ("Élus",)}) == keys(COMING_EVENT)
    assert found(library, filters={"tag": ("jeunesse",)}) == keys(COMING_EVENT)
    assert found(library, filters={"profession": (ESCO_SOCIAL_WORKER,)}) == keys(SOCIAL_WORKER)


def test_day_filters_keep_documents_with_a_day_in_between(library):
    day = datetime.date
    assert found(library, from_day=day(2099, 4, 3)) == keys(COMING_EVENT)
    assert found(library, to_day=day(2024, 4, 2)) == keys(PAST_EVENT)
    assert found(library, from_day=day(2024, 4, 3), to_day=day(2099, 4, 1)) == []


def test_facets_count_the_matching_documents(library):
    facets = search(library, filters={"department": ("isere",)}).facets
    assert list(facets) == list(facet_names())
    assert dict(facets["type"]) == {"profession": 2, "event": 1, "partnership": 2}
    assert dict(facets["country"]) == {"FR": 1, "IT": 1}


def test_a_facet_ignores_its_own_filter(library):
    facets = search(library, filters={"department": ("isere",), "type": ("event",)}).facets
    assert dict(facets["type"]) == {"profession": 2, "event": 1, "partnership": 2}
    assert dict(facets["department"]) == {"allier": 2, "isere": 1}


def test_the_largest_count_comes_first(library):
    counts = [count for _value, count in search(library).facets["type"]]
    assert counts == sorted(counts, reverse=True)


def test_past_events_rank_below_coming_ones(library):
    assert found(library, "festival") == keys(COMING_EVENT, PAST_EVENT)


def test_order_by_date_and_by_title(library):
    assert found(library, "festival", sort="date") == keys(COMING_EVENT, PAST_EVENT)
    titles = {document.key: document.title for document in LIBRARY}
    ordered = [titles[key] for key in found(library, sort="title")]
    assert ordered[0].startswith("Assistant")
    assert ordered[1].startswith("Éducateur"), "an accent does not put a title last"


def test_pages_follow_one_order(library):
    whole = found(library, limit=100)
    parts = [found(library, offset=offset, limit=3) for offset in range(0, len(whole), 3)]
    assert [key for part in parts for key in part] == whole
    assert found(library, offset=1000) == []


@pytest.mark.parametrize("q", ["veilleurs", "night watch", "“night watch”", "nigth watch"])
def test_aliases_are_searched_and_never_shown(engine, q):
    aliases = {"fr": ("Veilleur de nuit", "Festival"), "en": ("Night watch",), "xx": ("Unknown",)}
    engine.apply([replace(EDUCATOR, aliases=aliases, sequence=50)], ())
    hits = engine.search(SearchQuery(words=parse_words(q)), highlight=True).hits
    assert [hit.content_id for hit in hits] == [EDUCATOR.content_id]
    assert hits[0].fragments == {}, "what is not on the page is not shown as if it were"
    assert engine.suggest("veill", "fr", 5) == engine.suggest("night", "en", 5) == []
    assert found(engine, "festival")[0] != EDUCATOR.key


def test_a_label_ranks_above_aliases(engine):
    alternatives = tuple(f"Social {word} worker" for word in ("family", "liaison", "outreach", "services", "community"))
    engine.apply([replace(SOCIAL_WORKER, aliases={"en": alternatives}, sequence=50)], ())
    engine.apply([replace(EDUCATOR, labels={"en": ("Family social worker",)}, sequence=51)], ())
    assert found(engine, "social worker")[0] == SOCIAL_WORKER.key
    assert found(engine, "family social worker")[0] == EDUCATOR.key


# --- Promoted results ---------------------------------------------------------------------------------------


def test_promoted_documents_come_first_in_their_order(library):
    organic = found(library, "festival")
    promoted = tuple(keys(EDUCATOR, SOCIAL_WORKER))
    assert found(library, "festival", promoted=promoted) == [*promoted, *organic]
    assert found(library, "festival", promoted=promoted[::-1]) == [*promoted[::-1], *organic]
    assert found(library, "festival", promoted=tuple(keys(PAST_EVENT))) == keys(PAST_EVENT, COMING_EVENT), "once each"


def test_promoted_documents_are_counted_in_pages_and_facets(library):
    promoted = tuple(keys(EDUCATOR, PAST_EVENT, SOCIAL_WORKER))
    whole = search(library, "festival", promoted=promoted)
    assert whole.count == 4
    assert dict(whole.facets["type"]) == {"event": 2, "profession": 2}
    for size in (1, 2, 3, 5):
        parts = [found(library, "festival", promoted=promoted, offset=start, limit=size) for start in range(0, 6, size)]
        assert [key for part in parts for key in part] == keys(EDUCATOR, PAST_EVENT, SOCIAL_WORKER, COMING_EVENT)


def test_filters_apply_to_promoted_documents(library):
    promoted = tuple(keys(EDUCATOR, SOCIAL_WORKER, EXPIRED, PAST_EVENT))
    assert found(library, "festival", promoted=promoted, filters={"type": ("event",)}) == keys(PAST_EVENT, COMING_EVENT)
    assert found(library, "festival", promoted=promoted, concept="K1201") == keys(SOCIAL_WORKER)
    assert found(library, "festival", promoted=promoted, filters={"department": ("isere",)}) == keys(
        EDUCATOR, SOCIAL_WORKER, COMING_EVENT
    )
    facets = search(library, "festival", promoted=promoted, filters={"type": ("event",)}).facets
    assert dict(facets["type"]) == {"event": 2, "profession": 2}


def test_a_promoted_content_is_shown_once_in_the_first_available_language(library):
    promoted = tuple(keys(PARTNERSHIP_IT, PARTNERSHIP_FR))
    assert found(library, "festival", promoted=promoted, locales=("it", "fr"))[:1] == keys(PARTNERSHIP_IT)
    assert found(library, "festival", promoted=promoted, locales=("en", "fr", "it"))[0] == PARTNERSHIP_FR.key
    assert PARTNERSHIP_IT.key not in found(library, "festival", promoted=promoted, locales=("en", "fr", "it"))


def test_promoted_documents_do_not_change_the_other_hits(library):
    promoted = tuple(keys(SOCIAL_WORKER))
    assert search(library, "festival").count + 1 == search(library, "festival", promoted=promoted).count
    q = "erasmus wxyzwxyz"  # Nothing has both words, so that one is enough.
    assert set(found(library, q, promoted=promoted)) == {*promoted, *found(library, q)}
    assert len(found(library, q)) == 2
    assert found(library, "festival", promoted=("00000000-0000-4000-8000-000000000999:fr",)) == found(
        library, "festival"
    )
    assert found(library, "wxyzwxyz", promoted=promoted) == list(promoted)


# --- Fragments and similar documents -------------------------------------------------------------------------------


def test_fragments_mark_the_matching_forms(library):
    hit = library.search(SearchQuery(words=parse_words("familles éducatrices")), highlight=True).hits[0]
    assert hit.fragments["title"] == "<mark>Éducateur</mark> spécialisé"
    assert "<mark>familles</mark>" in hit.fragments["text"]


def test_fragments_are_safe_html(engine):
    engine.apply([replace(EDUCATOR, title="Risque <script>alert(1)</script>", text="A & <b>risque</b>")], ())
    hit = engine.search(SearchQuery(words=parse_words("risque")), highlight=True).hits[0]
    assert unescape(hit.fragments["title"]) == "<mark>Risque</mark> <script>alert(1)</script>"
    assert "<script" not in hit.fragments["title"]
    assert "&amp; &lt;b&gt;<mark>risque</mark>&lt;" in hit.fragments["text"]


def test_similar_documents(library):
    hits = library.similar(PAST_EVENT.content_id, "fr", 3)
    assert hits[0].content_id == COMING_EVENT.content_id
    assert PAST_EVENT.content_id not in {hit.content_id for hit in hits}
    assert library.similar(samples.document(999, "x").content_id, "fr", 3) == []


# --- Writing ------------------------------------------------------------------------------------------------


def test_applying_again_changes_nothing(engine):
    before = engine.counts()
    engine.apply(LIBRARY, ())
    assert engine.counts() == before
    assert sum(before.values()) == len(LIBRARY)
    assert before[("isere", "profession", "fr")] == 2


def test_a_changed_document_replaces_the_indexed_one(engine):
    engine.apply([replace(EDUCATOR, title="Moniteur éducateur", sequence=50)], ())
    assert stored_sequences(engine, keys(EDUCATOR, ENGLISH)) == {EDUCATOR.key: 50, ENGLISH.key: 7}
    assert found(engine, "moniteur") == keys(EDUCATOR)


def test_a_document_with_the_same_sequence_number_is_replaced(engine):
    engine.apply([replace(SOCIAL_WORKER, labels={"en": ("Zookeeper",)}, concepts=("2635.3",))], ())
    assert found(engine, "zookeeper") == found(engine, concept="2635.3") == keys(SOCIAL_WORKER)
    assert found(engine, concept="K1201") == []


def test_a_withdrawal_removes_one_language_only(engine):
    engine.apply((), [Withdrawal(PARTNERSHIP_FR.content_id, "fr", 60)])
    assert found(engine, "erasmus") == keys(PARTNERSHIP_IT)


def test_the_newer_state_of_two_writers_stays(engine, db):
    """Writers hold the write lock, on PostgreSQL one of the database; older sequence numbers are refused anyway."""
    order = []

    def write(number, title, *, waits_for=None):
        if waits_for:
            waits_for.wait()
        with engine.write_lock():
            order.append(number)
            reads.set()
            time.sleep(0.2)
            engine.apply([replace(EDUCATOR, title=title, sequence=number)], ())

    reads = threading.Event()
    writers = [
        threading.Thread(target=write, args=(50, "Moniteur"), daemon=True),
        threading.Thread(target=write, args=(51, "Chimpanzé"), kwargs={"waits_for": reads}, daemon=True),
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=30)
    assert order == [50, 51]
    assert stored_sequences(engine, keys(EDUCATOR)) == {EDUCATOR.key: 51}
    assert found(engine, "moniteur") == []


def test_an_error_leaves_the_index_unchanged(engine):
    def documents():
        yield replace(EDUCATOR, title="Moniteur")
        raise RuntimeError("the process was ended")

    with pytest.raises(RuntimeError):
        engine.apply(documents(), ())
    assert found(engine, "éducateur spécialisé")[:1] == keys(EDUCATOR)
    engine.apply([ENGLISH], ())
    assert found(engine, "moniteur") == []


def test_clear_removes_all_documents(engine):
    engine.clear()
    assert search(engine).count == 0
    assert engine.counts() == {}


def test_another_index_can_be_made_live(store):
    assert store.live_name() == ""
    first, second = store.open("one"), store.open("two")
    first.apply([EDUCATOR], ())
    store.make_live("one")
    second.apply([ENGLISH], ())
    store.make_live("two")
    assert store.live_name() == "two"
    assert set(store.names()) == {"one", "two"}
    store.remove("one")
    assert store.names() == ["two"]
