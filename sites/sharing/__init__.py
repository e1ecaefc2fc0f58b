"""Sharing of content between departments: its steps, its screens, its messages."""
