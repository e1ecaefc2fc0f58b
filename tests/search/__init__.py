"""Tests of search: query interpretation, engines, indexing, linguistics, taxonomy and screens."""
