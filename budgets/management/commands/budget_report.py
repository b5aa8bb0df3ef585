"""Prints the sales budget of a period as text or JSON."""

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from budgets.models.budget import studio_currency, today
from budgets.report import BudgetReport, NoPeriod, as_json, budget_report, period_of
from studio.commands import USAGE, StudioCommand, text_table
from studio.formats.money import is_currency

COLUMNS = ("approved", "committed", "spent", "available", "forecast")


class Command(StudioCommand):
    help = "Approved, committed, spent, available and forecast by line; cost by video."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--period", metavar="CODE", help="default: the one of today")
        parser.add_argument(
            "--currency",
            metavar="CUR",
            help="selects the budgets in it, never converts; default: the studio's",
        )
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def handle(self, **options: Any) -> None:
        code = options["period"]
        if code == "":
            raise CommandError(_("--period is empty. Give the code of a period."), returncode=USAGE)
        currency = studio_currency() if options["currency"] is None else options["currency"]
        if not is_currency(currency):
            text = _("“%(code)s” is not a currency. Give a code such as EUR or USD.") % {
                "code": currency
            }
            raise CommandError(text, returncode=USAGE)
        try:
            period = period_of(code, today())
        except NoPeriod as refusal:
            raise CommandError(str(refusal), returncode=USAGE if code else 1) from None
        report = budget_report(period, currency)
        if options["json"]:
            self.stdout.write(json.dumps(as_json(report), indent=2))
        else:
            self.stdout.write(as_text(report))


def as_text(report: BudgetReport) -> str:
    """Return the report as two plain-text tables."""
    document = as_json(report)
    lines = [
        [row["line"], row["kind"], *(row[name] for name in COLUMNS)] for row in document["lines"]
    ]
    totals = [_("Total"), "", *(document["totals"][name] for name in COLUMNS)]
    videos = [
        [row["title"], row["video_id"], row["estimate"], row["committed"], row["spent"]]
        for row in document["videos"]
    ]
    parts = [
        f"{report.period} · {report.currency}",
        in_columns([_("Line"), _("Kind"), *headings()], [*lines, totals]),
    ]
    if videos:
        head = [_("Video"), _("Id"), _("Estimate"), _("Committed"), _("Spent")]
        parts.append(in_columns(head, videos))
    return "\n\n".join(parts)


def headings() -> list[str]:
    """Return the headings of COLUMNS."""
    return [
        pgettext("budget", "Approved"),
        _("Committed"),
        _("Spent"),
        _("Available"),
        _("Forecast"),
    ]


def in_columns(header: list[str], rows: list[list[str]]) -> str:
    """Return a plain-text table whose first two columns are text, and the others amounts."""
    return "\n".join(text_table(header, rows, left=2, rule=True))
