"""Dictionaries of a request that remember the names which views look up."""


class RecordedLookups:
    """A mixin for a dictionary class; `looked_up` has the names of all instances of that class."""

    looked_up: set[str] = set()

    def __init_subclass__(cls):
        cls.looked_up = set()

    def __getitem__(self, name):
        self.looked_up.add(name)
        return super().__getitem__(name)

    def __contains__(self, name):
        self.looked_up.add(name)
        return super().__contains__(name)

    def get(self, name, default=None):
        self.looked_up.add(name)
        return super().get(name, default)
