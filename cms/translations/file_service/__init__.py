"""Translation files of contents: export of the present texts, and import of translated ones."""
