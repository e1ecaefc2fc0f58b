"""Measures what the inspection of a file takes.

The memory is that of the child alone (`VmHWM`): `getrusage` counts the test process too, from which it is forked.
"""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cms.media.inspection import inspector
from cms.media.inspection.inspector import FileRefused, inspect_file

MEGABYTES, SECONDS = 500, 5
WRAPPER = """
import atexit, json, resource, runpy
def report():
    used = resource.getrusage(resource.RUSAGE_SELF)
    lines = dict(line.split(":", 1) for line in open("/proc/self/status"))
    with open({report!r}, "w") as file:
        json.dump({{"seconds": used.ru_utime + used.ru_stime, "megabytes": int(lines["VmHWM"].split()[0]) >> 10}}, file)
atexit.register(report)
runpy.run_path({program!r}, run_name="__main__")
"""


@pytest.fixture
def measured(tmp_path, monkeypatch):
    """Return a function that inspects a file and returns the refusal ("" if it is accepted), within the bounds."""
    program, report = tmp_path / "measured.py", tmp_path / "report.json"
    program.write_text(WRAPPER.format(program=str(inspector.PROGRAM), report=str(report)))
    monkeypatch.setattr(inspector, "PROGRAM", program)
    monkeypatch.setattr(inspector, "run", inspector.run.run)

    def measure(name, kind, content, **options):
        report.unlink(missing_ok=True)
        try:
            inspect_file(SimpleUploadedFile(name, content), kind, name, **options)
            reason = ""
        except FileRefused as refused:
            reason = refused.reason
        used = json.loads(report.read_text())  # Missing if the system ended the process.
        assert used["megabytes"] < MEGABYTES
        assert used["seconds"] < SECONDS
        return reason

    return measure
