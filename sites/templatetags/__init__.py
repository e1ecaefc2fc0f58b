"""Template tags of the departments."""
