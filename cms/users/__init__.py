"""Accounts of editors, translators and administrators."""
