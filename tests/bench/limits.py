"""Time limits of a benchmark."""

ONE_QUERY = 5.0  # seconds after which a query of Wagtail's search is stopped: on SQLite some take minutes
ALL_QUERIES = 60.0  # seconds for all queries to one engine
