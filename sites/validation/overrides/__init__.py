"""Code that replaces parts of Django's validators and fields that have no public hook."""
