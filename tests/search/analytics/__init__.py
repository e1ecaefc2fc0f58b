"""Tests of the query log."""
