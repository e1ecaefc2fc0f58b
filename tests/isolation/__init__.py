"""Tests that no department reads or writes objects of another through any URL."""
