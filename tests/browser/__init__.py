"""Tests that drive Chromium on a live server."""
