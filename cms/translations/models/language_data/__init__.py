"""Models of translation memories, glossaries and translated texts of media."""
