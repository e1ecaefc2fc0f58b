"""Golden answers of the API, one per type of document, and the pages that they come from."""
