"""Occupations as concepts: their codes and labels, and the documents about them."""
