"""The child process: `program.py JOB` inspects one file and writes its result as JSON to standard output.

Files come from many people and may attack the library that reads them. This process therefore has no settings, no
secret and no database connection, and the system kills it if it uses too much time or memory or writes too much
(`inspector.LIMITS`). JOB is a JSON object: `path`, `folder`, `kind` ("image", "avatar", "document", "video", "proof"),
`extension`, `limits` and the options of the kind. The file at `path` is changed in place. The result is what was found,
or `refused` and `detail`.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

from cms.media.inspection.refusal import DAMAGED, OTHER_KIND, TOO_COMPLEX, Refused

# The entries of a result that the parent process reads. Others may be as large as the file.
REPORTED = frozenset(("refused", "detail", "error", "seconds", "renditions", "changed", "picture", "width", "height"))


def inspect(job: dict[str, Any]) -> dict[str, Any]:
    """Return what is found in the file of a job. Raises Refused and the errors of the libraries."""
    path, folder = Path(job["path"]), Path(job["folder"])
    match job["kind"], job["extension"]:
        case "image", extension:
            from cms.media.inspection.pictures import inspect_picture

            return inspect_picture(path, extension, job, folder)
        case "avatar", _:
            from cms.media.inspection.pictures import inspect_any_picture

            return inspect_any_picture(path, job)
        case "proof", ("jpg" | "jpeg" | "png") as extension:
            from cms.media.inspection.pictures import inspect_picture

            return inspect_picture(path, extension, job | {"keep_metadata": True}, folder)
        case ("document" | "proof") as kind, "pdf":
            from cms.media.inspection.pdf_documents import inspect_pdf

            return inspect_pdf(path, keep_metadata=kind == "proof")
        case "document", ("docx" | "pptx" | "xlsx") as extension:
            from cms.media.inspection.packed_documents import inspect_ooxml

            return inspect_ooxml(path, extension)
        case "document", ("odp" | "ods" | "odt") as extension:
            from cms.media.inspection.packed_documents import inspect_odf

            return inspect_odf(path, extension)
        case "document", "zip":
            from cms.media.inspection.limits.archives import inspect_archive

            return inspect_archive(path)
        case "document", ("csv" | "txt" | "vtt"):
            return _inspect_text(path)
        case "video", "mp4":
            from cms.media.inspection.isobmff import inspect_mp4

            with path.open("r+b") as stream:
                return inspect_mp4(stream)
        case "video", "webm":
            from cms.media.inspection.matroska import inspect_webm

            with path.open("r+b") as stream:
                return inspect_webm(stream)
    raise Refused(OTHER_KIND)


def _inspect_text(path: Path) -> dict[str, Any]:
    """Refuse a text with bytes that no text has: control characters, unless it is UTF-16 with its mark."""
    data = path.read_bytes()
    if data[:2] not in (b"\xff\xfe", b"\xfe\xff") and data.translate(None, bytes((*range(9, 14), *range(32, 256)))):
        raise Refused(OTHER_KIND)
    return {"changed": False}


def _limit_resources(limits: dict[str, int]) -> None:
    """Limit the resources of this process; the limits cannot be raised again."""
    for kind, limit in (
        (resource.RLIMIT_CPU, limits["seconds"]),
        (resource.RLIMIT_AS, limits["memory"]),
        (resource.RLIMIT_FSIZE, limits["written"]),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (limit, limit))


def main(job: dict[str, Any]) -> None:
    """Write the result of a job to standard output."""
    _limit_resources(job["limits"])
    try:
        result = inspect(job)
    except Refused as refused:
        result = {"refused": refused.reason, "detail": refused.detail[:100]}
    except MemoryError:
        result = {"refused": TOO_COMPLEX, "detail": ""}
    except Exception as error:  # Whatever a library raises: the file cannot be read.
        result = {"refused": DAMAGED, "detail": "", "error": f"{type(error).__name__}: {error}"[:300]}
    json.dump({key: value for key, value in result.items() if key in REPORTED}, sys.stdout)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
