"""Command `wagtail_update_image_renditions`: makes renditions again under their URLs.

Wagtail's command of this name deletes each rendition first, so that the URLs in published documents break.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from cms.media.renditions.remaking import delete_unused_renditions, remake_all_renditions


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
        if options["purge_only"]:
            self.stdout.write(f"{delete_unused_renditions(options['chunk_size'])} renditions deleted")
            return
        made, failed = 0, 0
        for image, changed in remake_all_renditions(options["chunk_size"]):
            made += changed or 0
            if changed is None:
                failed += 1
                self.stderr.write(f"{image._meta.label} {image.pk}: {image}")
        self.stdout.write(f"{made} renditions made")
        if failed:
            sys.exit(1)
