"""Tests of outgoing e-mail."""
