"""Tests of the audit logs."""
