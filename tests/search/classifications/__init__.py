"""Tests of the import of official classifications."""
