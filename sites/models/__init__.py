"""Models of the departments."""

from .coholding import CoHolding
from .container import DepartmentContainerPage
from .department import Department, DepartmentLocale
from .group import DepartmentGroup

__all__ = ["CoHolding", "Department", "DepartmentContainerPage", "DepartmentGroup", "DepartmentLocale"]
