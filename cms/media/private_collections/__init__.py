"""Private collections: admission by a shared password, and the URL of its form."""
