"""Admin screens of search: promoted results, synonyms and the report of searches."""
