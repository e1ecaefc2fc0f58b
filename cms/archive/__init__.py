"""Exports, restores and retires departments."""
