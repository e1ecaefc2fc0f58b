"""The command `translations`, which prints English on an instance whose language is French."""

from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command


@pytest.fixture
def run(commits):
    def run(*arguments):
        output = StringIO()
        with commits():
            call_command("translations", *map(str, arguments), stdout=output)
        return output.getvalue()

    return run


@pytest.fixture
def export(run, tmp_path):
    """Return a function that exports the department and returns the path of the only file."""

    def export(format_name, *arguments):
        folder = tmp_path / f"{format_name}-{uuid4()}"
        run(
            "export", "--department", "allier", "--locale", "en", "--format", format_name, "--output", folder,
            *arguments,
        )  # fmt: skip
        (path,) = folder.iterdir()
        return path

    return export
