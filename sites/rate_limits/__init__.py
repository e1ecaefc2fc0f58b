"""Limits of attempts and requests per client, account and address."""
