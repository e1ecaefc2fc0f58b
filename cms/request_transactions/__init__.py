"""Transactions that are repeated after a collision with another writer."""
