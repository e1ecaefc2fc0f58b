"""Uploaded files: their paths, their limits, and the quota of a department."""
