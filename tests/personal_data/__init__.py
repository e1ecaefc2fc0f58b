"""Tests of the inventory, the export and the erasure of personal data."""
