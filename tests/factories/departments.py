"""Departments, made by the provisioning service like the real ones."""

from itertools import count

from sites.models import Department
from sites.provisioning import create_department

_CODES = count(1)


def make_department(slug="allier", *, code=None, locales=("fr", "en"), source="fr", **details) -> Department:
    """Make a department whose site is at http://<slug>.example.test."""
    return create_department(
        code=code or f"{next(_CODES) % 19 + 1:02}",
        name=slug.replace("-", " ").title(),
        slug=slug,
        locales=list(locales),
        source=source,
        **{"hostname": f"{slug}.example.test"} | details,
    )
