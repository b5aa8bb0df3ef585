"""`manage.py s3_cors`: sets the CORS rules that let browsers upload and play."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from studio.commands import StudioCommand
from videos.media.uploads import cors


class Command(StudioCommand):
    help = (
        "Lets browsers send sources to the bucket and play from it (CORS), as every migrate does."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only look, change nothing")
        parser.add_argument(
            "--print", action="store_true", help="only print the rules, for who sets them by hand"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.S3_BUCKET:
            raise CommandError(_("S3_BUCKET is not set: files are stored on disk."))
        if options["print"]:
            self.stdout.write(json.dumps({"CORSRules": cors.rules()}, indent=2))
            return
        try:
            if options["check"]:
                cors.check()
            else:
                cors.allow()
        except cors.NotAllowed as refusal:
            raise CommandError(refusal.messages[0]) from refusal
        self.stdout.write(
            _("The bucket allows pages of %(origin)s to upload and to play.")
            % {"origin": settings.BASE_URL}
        )
