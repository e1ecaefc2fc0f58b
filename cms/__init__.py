"""The content management system: one instance, several departments, every language."""
