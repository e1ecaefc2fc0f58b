"""The choice of the Python that makes the virtual environment."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.embedded

SCRIPT = Path(__file__).resolve().parents[2] / ".ci" / "python"


@pytest.fixture
def make_python(tmp_path):
    """Return a function that makes a folder with a `python3`, which runs a file at its start."""

    def make_python(name, start=""):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(start)
        command = f"PYTHONPATH={shlex.quote(str(folder))} exec {shlex.quote(sys.executable)}"
        (folder / "python3").write_text(f'#!/bin/sh\n{command} "$@"\n')
        (folder / "python3").chmod(0o755)
        return folder

    return make_python


def choose(*folders):
    path = os.pathsep.join(map(str, folders))
    return subprocess.run(["/bin/sh", str(SCRIPT)], env={"PATH": path}, capture_output=True, text=True, check=False)


SLOW = "import sys\nsys.setprofile(lambda *event: None)\n"
OLD = "import sys\nsys.version_info = (3, 10, 14, 'final', 0)\n"


def test_a_much_slower_python_is_passed_over(make_python):
    slow, quick = make_python("slow", SLOW), make_python("quick one")
    assert choose(slow, quick).stdout == f"{quick}/python3\n"
    assert choose(quick, slow).stdout == f"{quick}/python3\n"


def test_a_python_that_is_too_old_or_without_venv_is_passed_over(make_python):
    old, incomplete = make_python("old", OLD), make_python("incomplete", "import sys\nsys.modules['venv'] = None\n")
    fitting = make_python("fitting")
    assert choose(old, incomplete, fitting).stdout == f"{fitting}/python3\n"


def test_a_missing_python_is_an_error_that_names_the_option(make_python, tmp_path):
    answer = choose(make_python("old", OLD), tmp_path)
    assert answer.returncode == 1
    assert "make PYTHON=" in answer.stderr
