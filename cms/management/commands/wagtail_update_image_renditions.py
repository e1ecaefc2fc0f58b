"""Command `wagtail_update_image_renditions`: makes renditions again under their addresses.

Wagtail's command of this name deletes each rendition first, so that the addresses in published documents break.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from wagtail.images import get_image_model

from cms.media.inspection.inspector import FileRefused
from cms.media.renditions.file_checks import MISSING, record
from cms.media.renditions.remaking import remake_renditions, unused_renditions


class Command(BaseCommand):
    help = (
        "Makes the renditions of all images again, after a change of the sizes or the image library. Their addresses "
        "stay. An image that cannot be read keeps its renditions; it is printed, and the exit status is 1."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--purge-only", action="store_true", help="only delete renditions that nothing shows; make none"
        )
        parser.add_argument("--chunk-size", type=int, default=50, help="images that are read with one query")

    def handle(self, *args: Any, **options: Any) -> None:
        changed, deleted, failed = 0, 0, 0
        for image in get_image_model()._default_manager.order_by("pk").iterator(options["chunk_size"]):
            if options["purge_only"]:
                deleted += unused_renditions(image).delete()[0]
                continue
            try:
                changed += remake_renditions(image)
            except (FileRefused, OSError) as error:
                record(image, getattr(error, "reason", MISSING))
                self.stderr.write(f"{image._meta.label} {image.pk}: {image}")
                failed += 1
        self.stdout.write(f"{deleted} renditions deleted" if options["purge_only"] else f"{changed} renditions made")
        if failed:
            sys.exit(1)
