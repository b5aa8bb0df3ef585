"""Makes a studio ready to serve: what `make run` does before it starts the web server."""

import os
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection
from django.utils import translation
from django.utils.translation import gettext as _

from studio.commands import as_line
from studio.operations.demo import emptying, premiere
from studio.operations.demo.signins import being_made, sign_ins
from studio.people import first_run

PAUSE_SECONDS = 2.0  # between two attempts to reach the database


class Command(BaseCommand):
    help = (
        "Brings the database up to date; fills an empty studio with the demo, or says how its "
        "first administrator is made; prints sign-ins."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--announce-in",
            metavar="FILE",
            type=Path,
            help="writes who can sign in to this file, for who says it when the studio is open",
        )
        parser.add_argument(
            "--wait",
            metavar="SECONDS",
            type=float,
            default=0,
            help="how long to wait for a database that does not answer yet",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("en"):  # what a terminal prints
            self.prepare(**options)

    def prepare(self, **options: Any) -> None:
        """Does everything, in this order."""
        self.reach_database(options["wait"])
        self.say(_("Bringing the database up to date …"))
        with translation.override(settings.LANGUAGE_CODE):  # of what is stored
            call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        if not emptying.what_is_there() and emptying.takes_the_demo():
            self.say(_("Filling the empty studio with the demo …"))
            with open(os.devnull, "w") as nowhere:
                call_command("demo", stdout=nowhere)
        else:
            premiere.enqueue_again()
        lines = [*being_made(), *sign_ins(), *first_run.start_message()]
        if file := options["announce_in"]:
            file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        else:
            for line in lines:
                self.say(line)

    def reach_database(self, patience: float) -> None:
        """Returns when the database answers. Raises CommandError when it does not in time."""
        until, told = time.monotonic() + patience, False
        while True:
            try:
                connection.ensure_connection()
                return
            except OperationalError as failure:
                why = _("The database does not answer: %(why)s") % {"why": as_line(str(failure))}
                if time.monotonic() >= until:
                    raise CommandError(why) from failure
            if not told:
                self.say(why)
                self.say(_("Waiting for it …"))
                told = True
            time.sleep(PAUSE_SECONDS)

    def say(self, text: str) -> None:
        """One line, at once."""
        self.stdout.write(text)
        self.stdout.flush()
