"""Published documents and the change feed that all readers follow."""
