"""The glossaries of departments: their screens, and the terms of a text and of its translation."""
