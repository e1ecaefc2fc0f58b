"""The loaded demo, as a fixture of these tests."""

from .demo import demo

__all__ = ["demo"]
