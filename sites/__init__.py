"""Departments: what they own, how they are made, and which department an object belongs to."""
