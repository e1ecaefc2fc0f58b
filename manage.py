#!/usr/bin/env python
"""Command line of the project: `manage.py help` lists the commands.

Like the WSGI and ASGI entry points it uses the production settings unless DJANGO_SETTINGS_MODULE names others, so that
an installed product is never run with the settings of development by mistake.
"""

import os
import sys

DEVELOPMENT = "cms.settings.dev"
PRODUCTION = "cms.settings.production"


def main() -> None:
    """Run the command.

    Exit with a message that names all missing settings if they cannot be loaded, and with one line that names the
    database if it does not answer. With `--traceback` the error of the database is raised instead.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", PRODUCTION)
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        settings.INSTALLED_APPS  # noqa: B018 (loads the settings)
    except ImproperlyConfigured as error:
        module = os.environ["DJANGO_SETTINGS_MODULE"]
        hint = f"\nTo develop or to try the product: export DJANGO_SETTINGS_MODULE={DEVELOPMENT}"
        sys.exit(f"{module}: {error}{hint if module == PRODUCTION else ''}")
    try:
        execute_from_command_line(sys.argv)
    except Exception as error:
        from cms.database_time_limits import describe_outage, is_database_unusable

        if not is_database_unusable(error) or "--traceback" in sys.argv:
            raise
        sys.exit(describe_outage(error))
    finally:
        background = sys.modules.get("cms.background")
        if background and not isinstance(sys.exc_info()[1], KeyboardInterrupt):
            background.finish_background_work()


if __name__ == "__main__":
    main()
