"""Extract the text of attached files, once per file content, in a separate process."""
