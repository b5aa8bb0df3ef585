"""`manage.py demo`: a small company that a visitor believes, in an empty studio."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from studio.commands import StudioCommand
from studio.operations.demo import emptying, premiere
from studio.operations.demo.fill import Filler
from studio.operations.demo.password import keep_new_password
from studio.operations.demo.signins import being_made, sign_ins
from studio.operations.demo.world import build


class Command(StudioCommand):
    help = "Fills an empty studio with the demo. Its footage is made by the worker."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--reset",
            action="store_true",
            help="empty the studio first: every user, video, deal, budget, page and file",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not emptying.is_this_machine_alone(urlsplit(settings.BASE_URL).hostname):
            raise CommandError(
                _("The demo is for this machine alone, but BASE_URL is %(url)s.")
                % {"url": settings.BASE_URL}
            )
        if not settings.DEMO:
            raise CommandError(
                _("DEMO says that this studio takes no demo. Start it without DEMO to have one.")
            )
        if options["reset"]:
            emptying.empty_the_studio()
        elif there := emptying.what_is_there():
            raise CommandError(
                _("This studio is not empty: it has %(things)s. demo --reset empties it first.")
                % {"things": ", ".join(there)}
            )
        world = build(timezone.localdate(), timezone.get_default_timezone())
        Filler(world).fill(keep_new_password())
        premiere.enqueue(world.today)
        for line in (*sign_ins(), *being_made()):
            self.stdout.write(line)
