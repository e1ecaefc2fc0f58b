"""Tests of promoted results and synonyms."""
