"""Readers and writers of translation files: XLIFF 1.2 and 2.1, PO, TMX and TBX. They know no model."""
