"""Promoted results, and the caches of the tables that people edit in the administration."""
