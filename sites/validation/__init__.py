"""Validation of links and colours."""
