"""Fixtures of the tests about a department's people."""

from tests.isolation.people import administrator, allier, isere

__all__ = ["administrator", "allier", "isere"]
