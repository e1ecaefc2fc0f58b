"""Measures what the inspection of a file takes."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cms.media.inspection import inspector
from cms.media.inspection.inspector import FileRefused, inspect_file
from tests.measured_programs import MeasuredProgram


@pytest.fixture
def measured(tmp_path, monkeypatch):
    """Return a function that inspects a file and returns the refusal ("" if it is accepted), within the bounds."""
    program = MeasuredProgram(inspector.PROGRAM, tmp_path)
    monkeypatch.setattr(inspector, "PROGRAM", program.path)
    monkeypatch.setattr(inspector, "run", inspector.run.run)

    def measure(name, kind, content, **options):
        try:
            inspect_file(SimpleUploadedFile(name, content), kind, name, **options)
            reason = ""
        except FileRefused as refused:
            reason = refused.reason
        program.check_bounds()
        return reason

    return measure
