"""The index in process, in files of the data folder (tantivy): no server to run."""
