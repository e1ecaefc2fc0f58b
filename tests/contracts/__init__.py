"""Golden answers of the API, one per content type, and the sample pages that they are made from."""
