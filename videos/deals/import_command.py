"""What the two import commands have in common: a folder in, counts or one clear line out."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from studio.commands import USAGE, StudioCommand, as_line
from videos.deals.crm_import import Counts
from videos.deals.csv_rows import BadRow, BadRows, NothingToImport
from videos.deals.taking_turns import ImportRunning


class ImportCommand(StudioCommand):
    """Imports a folder by `bring_in`, which changes nothing where it raises a refusal."""

    bring_in: Callable[[Path], Counts]
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="DIR", help="the folder with the CSV files")
        parser.add_argument(
            "--all-errors",
            action="store_true",
            help="print every bad row, one a line on stderr, not the first alone",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(options["folder"])
        if not options["folder"] or not is_folder(folder):
            text = _("There is no folder “%(folder)s”.") % {"folder": options["folder"]}
            raise CommandError(text, returncode=USAGE)
        try:
            counts = type(self).bring_in(folder)
        except (NothingToImport, ImportRunning) as refusal:
            raise CommandError(refusal.messages[0]) from refusal
        except BadRows as refusal:
            if options["all_errors"]:
                self.tell_all(refusal.bad)
                raise CommandError(nothing_imported(len(refusal.bad))) from refusal
            raise CommandError(refusal.messages[0]) from refusal
        except OSError as failure:
            text = _("“%(folder)s” cannot be read: %(why)s.")
            why = failure.strerror or failure
            raise CommandError(text % {"folder": options["folder"], "why": why}) from failure
        if options["json"]:
            self.stdout.write(json.dumps({file: asdict(row) for file, row in counts.items()}))
            return
        for file, written in counts.items():
            self.stdout.write(
                _("%(file)s: %(created)d new, %(updated)d changed, %(unchanged)d as they were")
                % {"file": file, **asdict(written)}
            )

    def tell_all(self, bad: Sequence[BadRow]) -> None:
        """Writes every bad row on stderr, one a line."""
        for row in bad:
            self.stderr.write(as_line(str(row)))


def nothing_imported(count: int) -> str:
    """What an import that told all its bad rows ends with."""
    text = ngettext(
        "%(count)d bad row: nothing was imported.",
        "%(count)d bad rows: nothing was imported.",
        count,
    )
    return text % {"count": count}


def is_folder(path: Path) -> bool:
    """Whether there is a folder that one may look at."""
    try:
        return path.is_dir()
    except OSError:  # no name of a file, or behind a closed door
        return False
