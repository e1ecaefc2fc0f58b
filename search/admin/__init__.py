"""Screens of the admin: what instance and departments add to the search, and what people search."""
