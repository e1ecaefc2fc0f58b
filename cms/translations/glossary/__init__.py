"""The glossaries of departments: their terms and screens, the terms in a text, and files of glossaries and memories."""
