"""Tests of languages, tokens and word lists."""
