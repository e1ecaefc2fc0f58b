"""The facts are looked for in the demo."""

from tests.management.demo import demo

__all__ = ["demo"]
