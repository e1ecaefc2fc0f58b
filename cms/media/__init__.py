"""Images, documents, videos and the consents they depend on."""
