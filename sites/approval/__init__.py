"""Approval workflows of a department and their screens."""
