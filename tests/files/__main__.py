"""Writes the files of the tables into a folder, to try them in a browser: `python -m tests.files FOLDER`."""

import sys
from pathlib import Path

from .captions import CAPTIONS
from .texts import TEXTS


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for case in (*TEXTS, *CAPTIONS):
        folder.joinpath(case.name).write_bytes(case.content)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
