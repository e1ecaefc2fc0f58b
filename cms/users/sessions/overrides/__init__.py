"""Code that replaces parts of Django's sessions for which Django has no public hook."""
