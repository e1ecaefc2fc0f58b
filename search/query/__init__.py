"""Query interpretation, ranking, completions and highlighting, shared by both engines."""
