"""Requests with values that no form sends, to every form and URL."""
