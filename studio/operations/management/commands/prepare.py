"""Makes a studio ready to serve: what `make run` does before it starts the web server."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from studio.operations.demo import emptying, premiere
from studio.operations.demo.signins import being_made, sign_ins


class Command(BaseCommand):
    help = "Brings the database up to date, fills an empty studio with the demo, prints sign-ins."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.say(_("Bringing the database up to date …"))
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        if not emptying.what_is_there():
            self.fill()
            return
        premiere.enqueue_again()
        for line in (*sign_ins(), *being_made()):
            self.say(line)

    def fill(self) -> None:
        """The demo, which prints its sign-ins; on a studio for others, how to begin."""
        if emptying.is_this_machine_alone(urlsplit(settings.BASE_URL).hostname):
            self.say(_("Filling the empty studio with the demo …"))
            call_command("demo", stdout=self.stdout)
        else:
            self.say(_("Nobody can sign in yet. Make the first user: manage.py createsuperuser"))

    def say(self, text: str) -> None:
        """One line, at once."""
        self.stdout.write(text)
        self.stdout.flush()
