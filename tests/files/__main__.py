"""Writes the files of the tables into a folder, to try them in a browser: `python -m tests.files FOLDER`."""

import sys
from pathlib import Path

from .captions import CAPTIONS
from .hidden_texts import HIDDEN_TEXTS
from .included_texts import INCLUDED_TEXTS
from .texts import TEXTS


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    contents = {case.name: case.content for case in (*TEXTS, *HIDDEN_TEXTS, *INCLUDED_TEXTS)}
    contents |= {case.name: case.content for case in CAPTIONS}
    for name, content in contents.items():
        folder.joinpath(name).write_bytes(content)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
