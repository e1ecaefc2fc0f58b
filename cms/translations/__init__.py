"""Translation with wagtail-localize: submission, approval, PO files, and validation of the editor's requests."""
