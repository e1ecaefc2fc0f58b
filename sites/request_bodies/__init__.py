"""Limits of the bodies of requests, by URL."""
