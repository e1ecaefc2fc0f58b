"""House rules, checked on the sources and on the settings themselves."""
