"""Keep the search index up to date with the change feed, and rebuild it."""
