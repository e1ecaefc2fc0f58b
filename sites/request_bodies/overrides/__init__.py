"""Code that replaces parts of Django's requests that have no public hook."""
