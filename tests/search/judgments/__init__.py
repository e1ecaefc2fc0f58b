"""Judged queries: what is found, compared with what should be."""
