"""The demo: five departments with their real cases, described by `content/`, `translations/` and `assets/`."""
