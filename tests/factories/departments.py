"""Departments, made by the provisioning service like the real ones."""

from itertools import cycle

from sites.lifecycle.provisioning import create_department
from sites.models import Department

# Codes that no test names. Few tests make so many departments that they come again.
_CODES = cycle((*range(1, 20), *range(50, 90)))


def make_department(slug="allier", *, code=None, locales=("fr", "en"), source="fr", **details) -> Department:
    """Make a department whose site is at http://<slug>.example.test."""
    return create_department(
        code=code or f"{next(_CODES):02}",
        name=slug.replace("-", " ").title(),
        slug=slug,
        locales=list(locales),
        source=source,
        **{"hostname": f"{slug}.example.test"} | details,
    )
