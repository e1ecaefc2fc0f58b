"""Code that uses private parts of Wagtail because no public hook exists."""
