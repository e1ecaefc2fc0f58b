"""Updates of the search index from the change feed, and its rebuild."""
