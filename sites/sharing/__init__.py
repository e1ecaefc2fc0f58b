"""Sharing of content between departments: transitions, screens and notifications."""
