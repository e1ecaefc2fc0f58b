"""Published content of profession profiles."""

from __future__ import annotations

from typing import Any

from cms.pages.models import ProfessionPage
from sites.validation.links import safe_address

from .context import SerializerContext
from .streams import body, items
from .text import html


def profession_content(page: ProfessionPage, context: SerializerContext) -> dict[str, Any]:
    return {
        "other_names": items(page.other_names, context),
        "missions": html(page.missions, context),
        "know_how": items(page.know_how, context),
        "interpersonal_skills": items(page.interpersonal_skills, context),
        "training": html(page.training, context),
        "diplomas": items(page.diplomas, context),
        "work_settings": items(page.work_settings, context),
        "working_conditions": html(page.working_conditions, context),
        "salary": _salary(page),
        "rome_code": page.rome_code,
        "esco_uri": page.esco_uri,
        "isco_code": page.isco_code,
        "rncp_numbers": items(page.rncp_numbers, context),
        "posts_open": page.posts_open,
        "apply_url": safe_address(page.apply_url),
        "testimonials": items(page.testimonials, context),
        "body": body(page.body, context),
    }


def _salary(page: ProfessionPage) -> dict[str, Any] | None:
    if page.salary_minimum is None and page.salary_maximum is None and not page.salary_note:
        return None
    return {
        "minimum": page.salary_minimum,
        "maximum": page.salary_maximum,
        "currency": page.salary_currency,
        "period": page.salary_period,
        "note": page.salary_note,
    }
