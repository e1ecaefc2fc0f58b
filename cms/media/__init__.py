"""Images, documents, videos and the consents on which they depend."""
