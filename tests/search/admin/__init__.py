"""Tests of the screens of search."""
