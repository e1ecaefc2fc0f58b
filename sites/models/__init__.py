"""Models of the departments."""

from .coholding import CoHolding
from .container import DepartmentContainerPage
from .department import Department, DepartmentLocale
from .group import DepartmentGroup
from .invitation import Invitation

__all__ = [
    "CoHolding",
    "Department",
    "DepartmentContainerPage",
    "DepartmentGroup",
    "DepartmentLocale",
    "Invitation",
]
