"""Template tags of departments."""
