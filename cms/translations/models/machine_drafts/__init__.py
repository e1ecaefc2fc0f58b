"""Models of machine drafts: the services and keys of a department, its daily use of them, and the drafts."""
