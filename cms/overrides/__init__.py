"""Code that replaces parts of Django and Wagtail for which they have no public hook; each module says what and why."""
