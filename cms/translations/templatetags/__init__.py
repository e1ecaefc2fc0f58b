"""Template tags of the translation editor."""
