"""Factories of test data."""
