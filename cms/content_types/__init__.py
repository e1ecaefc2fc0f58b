"""Registry of the content types: one declaration per page type drives the API, the reader, search and the checks."""
