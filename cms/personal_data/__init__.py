"""Personal data: where it is stored, its export for one person, and its erasure (GDPR, articles 15 and 17)."""
