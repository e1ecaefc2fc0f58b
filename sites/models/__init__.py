"""Models of the departments."""

from .coholding import CoHolding
from .container import DepartmentContainerPage
from .department import Department, DepartmentLocale

__all__ = ["CoHolding", "Department", "DepartmentContainerPage", "DepartmentLocale"]
