"""Code that uses private parts of Wagtail, for want of a public hook."""
