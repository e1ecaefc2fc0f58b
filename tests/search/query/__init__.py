"""Tests of query interpretation, parsing and completion ranking."""
