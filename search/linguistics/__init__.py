"""Languages, tokens, synonyms, thesaurus and spelling: how words become index terms."""
