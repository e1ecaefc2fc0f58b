"""Restore a department from its archive."""
