"""Departments: lifecycle, members, approval and sharing, and the access control between departments."""
