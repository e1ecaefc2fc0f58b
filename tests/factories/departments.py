"""Departments, created by the provisioning service."""

from sites.lifecycle.provisioning import create_department
from sites.models import Department

from .recording import recorded

# Codes that no test names.
CODES = (*range(1, 20), *range(50, 90))


def make_department(slug="allier", *, code=None, locales=("fr", "en"), source="fr", **details) -> Department:
    """Make a department whose site is at http://<slug>.example.test."""
    return _create(
        code=code or _free_code(),
        slug=slug,
        locales=list(locales),
        source=source,
        **{"name": slug.replace("-", " ").title(), "hostname": f"{slug}.example.test"} | details,
    )


_create = recorded(create_department)


def _free_code() -> str:
    """Return the first code that no department has, the same in every test that starts with none."""
    taken = set(Department.objects.values_list("code", flat=True))
    return next(code for code in map("{:02}".format, CODES) if code not in taken)
