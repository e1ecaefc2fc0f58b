"""The board of translations: contents of a department by language, with the state of each translation."""
