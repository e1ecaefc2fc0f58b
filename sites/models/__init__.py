"""Models of departments."""

from .container import DepartmentContainerPage
from .department import Department, DepartmentLocale
from .group import DepartmentGroup
from .invitation import Invitation
from .sharing import Sharing
from .workflow import DepartmentWorkflow

__all__ = [
    "Department",
    "DepartmentContainerPage",
    "DepartmentGroup",
    "DepartmentLocale",
    "DepartmentWorkflow",
    "Invitation",
    "Sharing",
]
