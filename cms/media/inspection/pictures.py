"""Complete decoding of images, and their renditions, with Pillow."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageOps, ImageSequence
from wagtail.images.image_operations import (
    DoNothingOperation,
    FillOperation,
    ImageTransform,
    MinMaxOperation,
    WidthHeightOperation,
)
from wagtail.images.rect import Rect

from .limits.jpeg_scans import refuse_incomplete_jpeg
from .limits.picture_parts import MAX_FRAMES, refuse_many_parts
from .limits.png_rows import refuse_incomplete_png
from .picture_metadata import HEAD_BYTES, picture_kind, without_metadata
from .refusal import DAMAGED, OTHER_KIND, TOO_COMPLEX, TOO_MANY_PIXELS, Refused

KINDS = {"avif": "avif", "gif": "gif", "jpeg": "jpeg", "jpg": "jpeg", "png": "png", "webp": "webp"}
OPERATIONS = {
    "fill": FillOperation,
    "height": WidthHeightOperation,
    "max": MinMaxOperation,
    "min": MinMaxOperation,
    "original": DoNothingOperation,
    "width": WidthHeightOperation,
}
# Formats of renditions and the options with which Wagtail saves them (`wagtail.images.models.Filter.run`).
OUTPUTS: dict[str, tuple[str, dict[str, Any]]] = {
    "avif": ("avif", {"quality": 61}),
    "gif": ("png", {"optimize": True}),
    "jpeg": ("jpeg", {"quality": 76, "progressive": True, "optimize": True}),
    "png": ("png", {"optimize": True}),
    "webp": ("webp", {"quality": 80}),
}
EXTENSIONS = {"avif": "avif", "jpeg": "jpg", "png": "png", "webp": "webp"}


Rendition = tuple[str, int, int]  # name of the file, width, height


class FocusedImage:
    """The size and the focal point of an image, as Wagtail's operations ask for them."""

    def __init__(self, size: tuple[int, int], focal_point: list[int] | None) -> None:
        self.width, self.height = size
        self._focal_point = focal_point

    def get_focal_point(self) -> Rect | None:
        return Rect.from_point(*self._focal_point) if self._focal_point else None


def inspect_picture(path: Path, extension: str, options: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Decode an image, remove its metadata, and write its renditions into `folder`.

    `options` has `pixels`, the largest number of pixels of all frames together, `specs`, the filter specs of the
    renditions, `focal_point`, (x, y, width, height) or None, and `keep_metadata`. The result has `picture`, the kind,
    `width` and `height`, `changed`, and `renditions`: {spec: (name of the file in `folder`, width, height)}. Raises
    Refused.

    No library reads the metadata: they join the parts of a JPEG's in quadratic time, and take gigabytes for some.
    """
    kind = KINDS[extension]
    data = path.read_bytes()
    if picture_kind(data) != kind:
        raise Refused(OTHER_KIND)
    refuse_many_parts(io.BytesIO(data))
    clean = without_metadata(kind, data)
    with _opened(clean, kind) as image:
        if image.width * image.height > options["pixels"]:
            raise Refused(TOO_MANY_PIXELS)
        # A telephone adds a preview or a map of brightness to a JPEG, which is removed with its metadata.
        frames = 1 if kind == "jpeg" else getattr(image, "n_frames", 1)
        if image.width * image.height * frames > options["pixels"]:
            raise Refused(TOO_MANY_PIXELS)
        if frames > MAX_FRAMES:
            raise Refused(TOO_COMPLEX)
        _decode(image)
        if kind == "png":
            refuse_incomplete_png(clean)
        elif kind == "jpeg":
            refuse_incomplete_jpeg(image, clean)
        image.seek(0)
        size = image.size
        renditions = _renditions(image, kind, options, folder)
    is_changed = clean != data and not options.get("keep_metadata")
    if is_changed:
        path.write_bytes(clean)
    return {
        "picture": kind,
        "width": size[0],
        "height": size[1],
        "changed": is_changed,
        "renditions": renditions,
    }


def inspect_any_picture(path: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Inspect a profile picture, whose name may have the extension of another format of `KINDS`. Raises Refused."""
    with path.open("rb") as stream:
        kind = picture_kind(stream.read(HEAD_BYTES))
    if not kind:
        raise Refused(OTHER_KIND)
    return inspect_picture(path, kind, options, path.parent)


def _opened(data: bytes, kind: str) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = None  # `options["pixels"]` limits them, with a message of its own.
    warnings.simplefilter("ignore")
    try:
        return Image.open(io.BytesIO(data), formats=(kind.upper(),))
    except Exception as error:
        raise Refused(DAMAGED) from error


def _decode(image: Image.Image) -> None:
    """Decode all frames. Raises Refused."""
    try:
        for frame in ImageSequence.Iterator(image):
            frame.load()
    except MemoryError:
        raise
    except Exception as error:
        raise Refused(DAMAGED) from error


def _renditions(image: Image.Image, kind: str, options: dict[str, Any], folder: Path) -> dict[str, Rendition]:
    specs = options.get("specs") or []
    if not specs:
        return {}
    base, profile = _with_plain_mode(ImageOps.exif_transpose(image))
    format_name, saving = OUTPUTS[kind]
    if format_name == "jpeg" and base.mode == "RGBA":
        base = Image.alpha_composite(Image.new("RGBA", base.size, "white"), base).convert("RGB")
    written: dict[str, Rendition] = {}
    saved: dict[tuple[Any, ...], Rendition] = {}
    focused = FocusedImage(base.size, options.get("focal_point"))
    for number, spec in enumerate(specs):
        transform = ImageTransform(base.size)
        for part in spec.split("|"):
            name, *arguments = part.split("-")
            transform = OPERATIONS[name](name, *arguments).run(transform, focused)
        box = tuple(transform.get_rect().round())
        sized = base if box == (0, 0, *base.size) else base.crop(box)
        size = tuple(transform.size)
        if (box, size) in saved:  # A small image: several specs leave it as it is.
            written[spec] = saved[box, size]
            continue
        if size != sized.size:
            sized = sized.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
        name = f"{number}.{EXTENSIONS[format_name]}"
        sized.info = {}
        sized.save(folder / name, format_name.upper(), **saving, **({"icc_profile": profile} if profile else {}))
        written[spec] = saved[box, size] = (name, *sized.size)
    return written


def _with_plain_mode(image: Image.Image) -> tuple[Image.Image, bytes | None]:
    """Return the image as L, RGB or RGBA, and its colour profile if it fits that mode.

    Pillow cannot resize some combinations of mode and transparency, or cannot save them.
    """
    profile = image.info.get("icc_profile")
    has_alpha = "transparency" in image.info or image.mode in ("LA", "La", "PA", "RGBA", "RGBa")
    if image.mode == "CMYK":
        if profile:
            try:
                screen = ImageCms.createProfile("sRGB")
                source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
                converted = ImageCms.profileToProfile(image, source, screen, outputMode="RGB")
                return converted or image.convert("RGB"), None
            except (ImageCms.PyCMSError, OSError):  # OSError: the profile itself cannot be read.
                pass
        return image.convert("RGB"), None
    if image.mode.startswith("I"):  # 16 bits of grey, of which renditions show 8.
        plain = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    elif has_alpha:
        plain = image.convert("RGBA")
    elif image.mode in ("1", "L"):
        plain = image.convert("L")
    else:
        plain = image.convert("RGB")
    space = b"GRAY" if plain.mode == "L" else b"RGB "
    return plain, profile if profile and profile[16:20] == space else None
