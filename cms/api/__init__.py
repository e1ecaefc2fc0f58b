"""The public JSON API of published documents, and Wagtail's APIs."""
