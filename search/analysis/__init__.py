"""How words become the terms of an index: one table of languages, one way to cut and to stem."""
