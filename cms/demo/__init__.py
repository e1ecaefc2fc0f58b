"""Demo data: five departments with content from `content/`, `translations/` and `assets/`."""
