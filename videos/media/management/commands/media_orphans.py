"""`manage.py media_orphans`: lists and removes files without rows; lists missing files."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.template.defaultfilters import filesizeformat
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from studio.commands import USAGE, StudioCommand
from videos.media.jobs.orphans import Missing, Orphan, find_missing, find_orphans, remove


@dataclass(frozen=True)
class Found:
    """The result of the command."""

    orphans: Sequence[Orphan]
    missing: Sequence[Missing]
    removed: int


class Command(StudioCommand):
    help = (
        "Lists files and folders of the footage storage that no row owns, and rows whose files "
        "are missing. Removes the former only with --remove."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--remove", action="store_true", help="remove what is listed")
        parser.add_argument(
            "--grace-hours",
            metavar="HOURS",
            type=float,
            default=24.0,
            help="leave alone what is younger (default: 24)",
        )
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0 <= options["grace_hours"] < 24 * 3650:
            raise CommandError(_("--grace-hours must be 0 or more."), returncode=USAGE)
        try:
            orphans = find_orphans(dt.timedelta(hours=options["grace_hours"]))
            missing = find_missing()
            removed = remove(orphans) if options["remove"] else 0
        except OSError as trouble:
            text = _("The storage cannot be read: %(why)s.") % {"why": trouble.strerror}
            raise CommandError(text) from trouble
        found = Found(orphans, missing, removed)
        self.stdout.write(as_json(found) if options["json"] else as_text(found))


def as_json(found: Found) -> str:
    """What `--json` prints."""
    return json.dumps(
        {
            "orphans": [
                {
                    "name": orphan.name,
                    "files": orphan.files,
                    "bytes": orphan.bytes,
                    "modified": orphan.modified.isoformat(),
                }
                for orphan in found.orphans
            ],
            "missing": [{"row": lack.row, "name": lack.name} for lack in found.missing],
            "bytes": sum(orphan.bytes for orphan in found.orphans),
            "removed": found.removed,
        },
        indent=2,
    )


def as_text(found: Found) -> str:
    """The same for people."""
    lines = [
        f"{filesizeformat(orphan.bytes):>12}  {localtime(orphan.modified):%Y-%m-%d %H:%M}  "
        f"{orphan.name}"
        for orphan in found.orphans
    ]
    lines += [
        _("%(row)s: the file %(name)s is missing") % {"row": lack.row, "name": lack.name}
        for lack in found.missing
    ]
    count, size = len(found.orphans), sum(orphan.bytes for orphan in found.orphans)
    lines.append(
        ngettext("%(count)d orphan, %(size)s.", "%(count)d orphans, %(size)s.", count)
        % {"count": count, "size": filesizeformat(size)}
    )
    if found.removed:
        lines.append(_("%(count)d removed.") % {"count": found.removed})
    elif count:
        lines.append(_("Nothing was removed. Use --remove to remove them."))
    return "\n".join(lines)
