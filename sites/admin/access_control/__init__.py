"""Access rules for every URL of the Wagtail admin."""
