"""Template library of the reader."""
