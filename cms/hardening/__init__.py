"""Security headers, redaction of tokens in logs, and checks of a deployment."""
