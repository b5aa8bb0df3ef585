"""The base of the two import commands."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from studio.commands import USAGE, StudioCommand, as_line
from videos.deals.imports.crm_import import ImportResult
from videos.deals.imports.csv_rows import BadRow, BadRows, NothingToImport
from videos.deals.imports.import_lock import ImportRunning


class ImportCommand(StudioCommand):
    """Imports a folder with `run_import`, which changes nothing if it raises."""

    run_import: Callable[[Path], ImportResult]
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="DIR", help="the folder with the CSV files")
        parser.add_argument(
            "--all-errors",
            action="store_true",
            help="print every bad row on stderr, one a line, instead of only the first",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(options["folder"])
        if not options["folder"] or not is_folder(folder):
            text = _("There is no folder “%(folder)s”.") % {"folder": options["folder"]}
            raise CommandError(text, returncode=USAGE)
        try:
            counts = type(self).run_import(folder)
        except (NothingToImport, ImportRunning) as refusal:
            raise CommandError(refusal.messages[0]) from refusal
        except BadRows as refusal:
            if options["all_errors"]:
                self.print_bad_rows(refusal.bad)
                raise CommandError(nothing_imported(len(refusal.bad))) from refusal
            raise CommandError(refusal.messages[0]) from refusal
        except OSError as failure:
            text = _("“%(folder)s” cannot be read: %(why)s.")
            why = failure.strerror or failure
            raise CommandError(text % {"folder": options["folder"], "why": why}) from failure
        if options["json"]:
            self.stdout.write(json.dumps(as_json(counts)))
            return
        for file, written in counts.items():
            self.stdout.write(
                _("%(file)s: %(created)d new, %(updated)d changed, %(unchanged)d unchanged")
                % {"file": file, **asdict(written)}
            )
        if counts.kept:
            text = ngettext(
                "%(count)d correction made here was kept.",
                "%(count)d corrections made here were kept.",
                counts.kept,
            )
            self.stdout.write(text % {"count": counts.kept})
        for one in counts.overruled:
            self.stdout.write(as_line(_("The CRM changed: %(what)s") % {"what": one}))

    def print_bad_rows(self, bad: Sequence[BadRow]) -> None:
        """Writes every bad row to stderr, one a line."""
        for row in bad:
            self.stderr.write(as_line(str(row)))


def as_json(counts: ImportResult) -> dict[str, Any]:
    """Returns the counts by file, with `corrections` if any were kept or overruled."""
    document: dict[str, Any] = {file: asdict(row) for file, row in counts.items()}
    if counts.kept or counts.overruled:
        document["corrections"] = {
            "kept": counts.kept,
            "overruled": [
                {
                    "kind": one.row._meta.model_name,
                    "id": one.row.public_id,
                    "what": one.what,
                    "ours": one.ours,
                    "crm": one.crm,
                    "by": one.by.email,
                }
                for one in counts.overruled
            ],
        }
    return document


def nothing_imported(count: int) -> str:
    """Returns the last line of an import that printed all its bad rows."""
    text = ngettext(
        "%(count)d bad row: nothing was imported.",
        "%(count)d bad rows: nothing was imported.",
        count,
    )
    return text % {"count": count}


def is_folder(path: Path) -> bool:
    """Whether `path` is a folder that can be accessed."""
    try:
        return path.is_dir()
    except OSError:  # an invalid name, or no permission
        return False
