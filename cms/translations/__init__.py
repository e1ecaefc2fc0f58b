"""Translating with wagtail-localize: what its requests must hold, and which languages it offers."""
