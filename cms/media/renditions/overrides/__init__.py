"""Code that replaces parts of Wagtail for which Wagtail has no public hook."""
