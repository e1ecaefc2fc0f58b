"""Models of departments."""

from .audit_log import AppendOnlyError, AuditLogEntry
from .container import DepartmentContainerPage
from .department import Department, DepartmentLocale
from .group import DepartmentGroup
from .invitation import Invitation
from .sharing import Sharing
from .workflow import DepartmentWorkflow

__all__ = [
    "AppendOnlyError",
    "AuditLogEntry",
    "Department",
    "DepartmentContainerPage",
    "DepartmentGroup",
    "DepartmentLocale",
    "DepartmentWorkflow",
    "Invitation",
    "Sharing",
]
