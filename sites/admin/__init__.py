"""The admin as departments use it: access control of its URLs, screens, and overrides of Wagtail."""
