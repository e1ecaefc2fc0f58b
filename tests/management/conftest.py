"""Fixtures of the commands' tests."""

from tests.management.demo import demo

__all__ = ["demo"]
