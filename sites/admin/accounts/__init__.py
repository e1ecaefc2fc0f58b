"""Screens for the people of a department: who is in it, with which roles, and who is invited."""
