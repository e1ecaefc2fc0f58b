"""Code that replaces parts of wagtail-localize that have no public hook."""
