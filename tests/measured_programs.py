"""Programs of child processes, with bounds of their memory and processor time.

The memory is that of the child alone (`VmHWM`): `getrusage` counts the test process too, from which it is forked.
"""

import json
from pathlib import Path

MEGABYTES = 500
# Less than the 10 s that a child may take. A core that runs two threads takes twice the time of a quiet one.
SECONDS = 9
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


class MeasuredProgram:
    """A copy of a program, at `path`, that reports what its process has used."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.path, self._report = folder / "measured.py", folder / "report.json"
        self.path.write_text(WRAPPER.format(program=str(program), report=str(self._report)))

    def check_bounds(self) -> None:
        """Fail if the last process used more than MEGABYTES or SECONDS, or was ended by the system."""
        used = json.loads(self._report.read_text())  # Missing if the system ended the process.
        self._report.unlink()
        assert used["megabytes"] < MEGABYTES
        assert used["seconds"] < SECONDS
