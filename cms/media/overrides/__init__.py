"""Code that uses private parts of Django, for want of a public hook."""
