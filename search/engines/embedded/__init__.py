"""The embedded engine (tantivy): indexes in files of the data folder, without a server."""
