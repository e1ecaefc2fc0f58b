"""Code that replaces parts of Wagtail's e-mails for which Wagtail has no public hook."""
