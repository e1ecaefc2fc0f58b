"""Tests of concepts and names of professions."""
