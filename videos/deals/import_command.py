"""What the two import commands have in common: a folder in, counts or one clear line out."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from studio.commands import USAGE, StudioCommand
from videos.deals.crm_import import Counts
from videos.deals.csv_rows import BadRows


class ImportCommand(StudioCommand):
    """Imports a folder by `bring_in`, which raises BadRows and then has changed nothing."""

    bring_in: Callable[[Path], Counts]
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="DIR", help="the folder with the CSV files")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(options["folder"])
        if not options["folder"] or not is_folder(folder):
            text = _("There is no folder “%(folder)s”.") % {"folder": options["folder"]}
            raise CommandError(text, returncode=USAGE)
        try:
            counts = type(self).bring_in(folder)
        except BadRows as refusal:
            raise CommandError(refusal.messages[0]) from refusal
        if options["json"]:
            self.stdout.write(json.dumps({file: asdict(row) for file, row in counts.items()}))
            return
        for file, written in counts.items():
            self.stdout.write(
                _("%(file)s: %(created)d new, %(updated)d changed, %(unchanged)d as they were")
                % {"file": file, **asdict(written)}
            )


def is_folder(path: Path) -> bool:
    """Whether there is a folder that one may look at."""
    try:
        return path.is_dir()
    except OSError:  # no name of a file, or behind a closed door
        return False
