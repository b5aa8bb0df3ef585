"""`manage.py first_run`: a token with which the first administrator of an empty studio is made."""

from typing import Any

from django.core.management.base import CommandError

from studio.commands import StudioCommand
from studio.people import first_run


class Command(StudioCommand):
    help = "Prints where the first administrator is made, and a fresh token for it."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        lines = list(first_run.how_to_begin())
        if not lines:
            raise CommandError(first_run.StudioHasUsers().messages[0])
        for line in lines:
            self.stdout.write(line)
