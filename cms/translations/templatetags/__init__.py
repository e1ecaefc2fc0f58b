"""Template library of the editor of translations."""
