"""`manage.py influence`: the influence report."""

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser

from studio.commands import USAGE, StudioCommand
from videos.deals.attribution.credit import DEFAULT_MODEL, MODELS
from videos.deals.attribution.influence import AmountNotConverted
from videos.deals.attribution.load import influence_report
from videos.deals.reports.report_params import InvalidParams, parse_params
from videos.deals.reports.serializers import report_as_json
from videos.deals.reports.text_tables import report_lines


class Command(StudioCommand):
    help = "Reports which deals videos influenced before they closed, and their revenue."
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
            params = parse_params(options)
        except InvalidParams as refusal:
            raise CommandError(refusal.messages[0], returncode=USAGE) from refusal
        try:
            report = influence_report(params)
        except AmountNotConverted as refusal:
            raise CommandError(refusal.messages[0]) from refusal
        if options["json"]:
            self.stdout.write(json.dumps(report_as_json(report), indent=2))
        else:
            for line in report_lines(report):
                self.stdout.write(line)
