"""The facts are looked for in the demo."""

from tests.demo.demo import demo

__all__ = ["demo"]
