"""Server-rendered sites of the departments, made from published documents only (docs/reader.md)."""
