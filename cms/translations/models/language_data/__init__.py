"""Models of translation memories and glossaries."""
