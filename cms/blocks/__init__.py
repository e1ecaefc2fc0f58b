"""Shared StreamField blocks, one concept per file; `streams` has the only lists that page types may use."""
