"""The demo: five departments and their real cases, told by the files of `content/`, `translations/` and `assets/`."""
