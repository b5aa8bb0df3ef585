"""Makes a studio ready to serve: what `make run` does before it starts the web server."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _


class Command(BaseCommand):
    help = "Brings the database up to date, fills an empty studio with the demo, prints sign-ins."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(_("Bringing the database up to date …"))
        self.stdout.flush()
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
