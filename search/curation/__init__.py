"""Promoted results and synonyms that people manage, kept in memory and refreshed by cache version."""
