"""Interpret a query, rank its hits and build its results, the same way for both engines."""
