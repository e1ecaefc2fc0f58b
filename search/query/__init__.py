"""Query interpretation, ranking and results, shared by both engines."""
