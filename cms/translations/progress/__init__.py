"""Progress of translations: their segments, kept texts of changed sources, and updates after a change."""
