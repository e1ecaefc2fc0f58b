"""Whose names a user may read, and the request in which a name is asked for."""
