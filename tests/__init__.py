"""Tests: `architecture` holds the house rules, the other folders mirror the packages."""
