"""Code that replaces parts of Wagtail's API v2 without calling them."""
