"""The departments' sites, rendered on the server from published documents only (docs/reader.md)."""
