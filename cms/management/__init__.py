"""Management commands and the services that only they use."""
