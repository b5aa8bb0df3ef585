"""`manage.py first_run`: prints a token that creates the first administrator."""

from typing import Any

from django.core.management.base import CommandError

from studio.commands import StudioCommand
from studio.people import first_run


class Command(StudioCommand):
    help = "Prints the URL and a new token for creating the first administrator."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        lines = list(first_run.start_message())
        if not lines:
            raise CommandError(first_run.StudioHasUsers().messages[0])
        for line in lines:
            self.stdout.write(line)
