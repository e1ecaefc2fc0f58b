"""The names of persons as a user may read them, and the request of the current thread."""
