"""Code that replaces private parts of Django because no public hook exists."""
