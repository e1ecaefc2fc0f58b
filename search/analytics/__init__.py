"""The anonymous query log."""
