"""One suite over every engine."""
