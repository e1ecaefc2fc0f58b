"""Public JSON API over the published documents."""
