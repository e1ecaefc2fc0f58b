"""Languages, tokens, synonyms, glossary and spelling: how words become index terms."""
