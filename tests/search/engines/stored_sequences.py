"""The sequence numbers that an index stores, read from either engine. No code of the product needs them by key."""

from elasticsearch.dsl import Search
from tantivy import Query

from search.engines.embedded.schema import schema


def stored_sequences(engine, keys):
    """Return the sequence numbers of the indexed documents, by key."""
    if hasattr(engine, "_snapshot"):
        snapshot = engine._snapshot()
        hits = snapshot.searcher.search(Query.term_set_query(schema(), "key", list(keys)), max(len(keys), 1)).hits
        stored = [snapshot.searcher.doc(address).to_dict() for _score, address in hits]
        return {document["key"][0]: document["sequence"][0] for document in stored}
    search = Search(using=engine._client, index=engine._alias).query("ids", values=list(keys))
    response = search.source(["sequence"]).extra(size=max(len(keys), 1)).execute()
    return {hit.meta.id: hit.sequence for hit in response}
