"""Import of the official classifications ESCO and ROME."""
