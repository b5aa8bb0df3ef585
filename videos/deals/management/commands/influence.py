"""`manage.py influence`: which signed deals the videos touched."""

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser

from studio.commands import USAGE, StudioCommand
from videos.deals.asked import UnclearQuestion, terms_of
from videos.deals.credit import DEFAULT_MODEL, MODELS
from videos.deals.document import document
from videos.deals.influence import Unconverted
from videos.deals.load import report_for
from videos.deals.table import lines_of


class Command(StudioCommand):
    help = "Reports which deals the videos touched before they closed, and the revenue of those."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--model", help=f"{', '.join(MODELS)} (default: {DEFAULT_MODEL})")
        parser.add_argument("--lookback-days", help="count touches so many days before the close")
        parser.add_argument("--landmark-days", help="of the fair comparison (default: 14)")
        parser.add_argument("--from", help="first day of closing, such as 2026-01-01")
        parser.add_argument("--to", help="last day of closing")
        parser.add_argument("--currency", help="of the report (default: the studio's)")
        parser.add_argument("--as-of", help="an instant with its offset (default: now)")
        parser.add_argument(
            "--skip-missing-rates",
            action="store_true",
            help="report the rest, and list the won deals that cannot be converted",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            terms = terms_of(options)
        except UnclearQuestion as refusal:
            raise CommandError(refusal.messages[0], returncode=USAGE) from refusal
        try:
            report = report_for(terms)
        except Unconverted as refusal:
            raise CommandError(refusal.messages[0]) from refusal
        if options["json"]:
            self.stdout.write(json.dumps(document(report), indent=2))
        else:
            for line in lines_of(report):
                self.stdout.write(line)
