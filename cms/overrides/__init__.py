"""Code that uses private parts of Django that have no public equivalent."""
