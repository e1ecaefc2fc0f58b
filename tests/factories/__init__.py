"""Factories of everything that tests need in the database."""
