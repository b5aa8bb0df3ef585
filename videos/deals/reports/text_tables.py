"""The influence report as text tables for the terminal."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from studio.commands import as_line, text_table
from studio.formats.money import shown
from videos.deals.attribution.compare import Comparison, Interval, Side
from videos.deals.attribution.credit import MODELS
from videos.deals.attribution.influence import ExclusionReason, InfluenceReport
from videos.deals.reports.wording import describe_params


def report_lines(report: InfluenceReport) -> Iterator[str]:
    """Yields the lines of the report."""
    params, totals = report.params, report.totals
    model = MODELS[params.model]
    yield from describe_params(params)
    yield f"{model.name}: {model.definition} {model.roles}".strip()
    yield _("Won deals: %(count)d, %(revenue)s") % {
        "count": totals.won_deals,
        "revenue": shown(totals.won_revenue, params.currency),
    }
    yield _("Influenced by video: %(count)d, %(revenue)s") % {
        "count": totals.influenced_deals,
        "revenue": shown(totals.influenced_revenue, params.currency),
    }
    yield from excluded_deals(report)
    yield ""
    yield from text_table(
        [_("Video"), _("Touches"), _("Influenced deals"), _("Influenced"), _("Credit")],
        [
            [
                line.title,
                str(line.touches),
                str(line.deals),
                shown(line.revenue, params.currency),
                shown(line.credit, params.currency),
            ]
            for line in report.videos
        ],
    )
    yield ""
    yield from compared(_("All touches before the close"), report.compared_all)
    yield ""
    yield from compared(
        ngettext(
            "Touches in the first %(days)d day only",
            "Touches in the first %(days)d days only",
            params.landmark_days,
        )
        % {"days": params.landmark_days},
        report.compared_landmark,
    )


def excluded_deals(report: InfluenceReport) -> Iterator[str]:
    """Yields a line for each reason why won deals are left out of the sums, with their ids."""
    if without_amount := report.totals.without_amount:
        yield _("Won without an amount: %(deals)s") % {"deals": as_line(", ".join(without_amount))}
    if out_of_bounds := report.totals.out_of_bounds:
        text = _("Won with an amount out of bounds: %(deals)s")
        yield text % {"deals": as_line(", ".join(out_of_bounds))}
    if report.totals.without_rate:
        text = _("%(deal)s (%(from)s to %(to)s, %(day)s)")
        gaps = (
            text
            % {
                "deal": as_line(deal.deal.id),
                "from": deal.deal.currency,
                "to": report.params.currency,
                "day": deal.day.isoformat(),
            }
            for deal in report.won
            if deal.exclusion == ExclusionReason.RATE
        )
        yield _("Won without a rate: %(deals)s") % {"deals": ", ".join(gaps)}


def compared(heading: str, comparison: Comparison) -> Iterator[str]:
    """Yields the table of one comparison."""
    yield from text_table(
        [heading, _("Closed"), _("Won"), _("Close rate"), _("Median days")],
        [
            side_row(_("With video"), comparison.with_video),
            side_row(_("Without"), comparison.without),
        ],
    )


def side_row(name: str, side: Side) -> list[str]:
    """Returns the cells of one side of a comparison."""
    few = _("too few to tell")
    if side.is_few:
        return [name, str(side.closed), str(side.won), few, few]
    return [
        name,
        str(side.closed),
        str(side.won),
        number(side.close_rate, side.close_rate_interval, 100, "%"),
        number(side.median_days, side.median_days_interval, 1, ""),
    ]


def number(value: float | None, interval: Interval | None, scale: int, unit: str) -> str:
    """Formats a number with its interval; a dash for None."""
    if value is None:
        return "–"
    text = f"{value * scale:.1f}{unit}"
    return text + (f" ({interval[0] * scale:.1f}–{interval[1] * scale:.1f})" if interval else "")
