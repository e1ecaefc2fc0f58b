"""Validation of what people enter: links, colours, rich text, characters, numbers and keys."""
