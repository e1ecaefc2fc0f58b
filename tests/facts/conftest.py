"""The loaded demo."""

from tests.demo.demo import demo

__all__ = ["demo"]
