"""Tests of index updates, rebuilds and file texts."""
