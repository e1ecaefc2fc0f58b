"""Serializer of profession profiles."""

from __future__ import annotations

from typing import Any

from cms.pages.models import ProfessionPage
from sites.validation.links import safe_url

from .context import SerializerContext
from .values.rich_text import rich_text_html
from .values.stream_values import stream_blocks, stream_values


def profession_content(page: ProfessionPage, context: SerializerContext) -> dict[str, Any]:
    return {
        "other_names": stream_values(page.other_names, context),
        "missions": rich_text_html(page.missions, context),
        "know_how": stream_values(page.know_how, context),
        "interpersonal_skills": stream_values(page.interpersonal_skills, context),
        "training": rich_text_html(page.training, context),
        "diplomas": stream_values(page.diplomas, context),
        "work_settings": stream_values(page.work_settings, context),
        "working_conditions": rich_text_html(page.working_conditions, context),
        "salary": _salary(page),
        "rome_code": page.rome_code,
        "esco_uri": page.esco_uri,
        "isco_code": page.isco_code,
        "rncp_numbers": stream_values(page.rncp_numbers, context),
        "posts_open": page.posts_open,
        "apply_url": safe_url(page.apply_url),
        "testimonials": stream_values(page.testimonials, context),
        "body": stream_blocks(page.body, context),
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
