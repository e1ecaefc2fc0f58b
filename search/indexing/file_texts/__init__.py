"""Extraction of text from attached files, once for each content, in a separate process."""
