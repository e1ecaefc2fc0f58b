"""Shared StreamField blocks, one concept per module. Page types use only the lists of `streams`."""
