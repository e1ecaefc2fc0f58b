"""Page types that the departments share, and what each publishes."""
