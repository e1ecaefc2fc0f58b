"""Tests of the translated texts of media."""
