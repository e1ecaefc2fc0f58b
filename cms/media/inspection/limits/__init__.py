"""Limits of the work that an uploaded file may cause."""
