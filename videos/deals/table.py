"""The influence report as tables for people at a terminal."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from studio.commands import as_line
from studio.money import shown
from videos.deals.compare import Comparison, Interval, Side
from videos.deals.credit import MODELS
from videos.deals.influence import Lack, Report
from videos.deals.wording import question_in_words


def lines_of(report: Report) -> Iterator[str]:
    """The report, line by line."""
    terms, totals = report.terms, report.totals
    model = MODELS[terms.model]
    yield from question_in_words(terms)
    yield f"{model.name}: {model.definition} {model.roles}".strip()
    yield _("Won deals: %(count)d, %(revenue)s") % {
        "count": totals.won_deals,
        "revenue": shown(totals.won_revenue, terms.currency),
    }
    yield _("Influenced by video: %(count)d, %(revenue)s") % {
        "count": totals.influenced_deals,
        "revenue": shown(totals.influenced_revenue, terms.currency),
    }
    yield from lacking(report)
    yield ""
    yield from aligned(
        [_("Video"), _("Touches"), _("Influenced deals"), _("Influenced"), _("Credit")],
        [
            [
                line.title,
                str(line.touches),
                str(line.deals),
                shown(line.revenue, terms.currency),
                shown(line.credit, terms.currency),
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
            terms.landmark_days,
        )
        % {"days": terms.landmark_days},
        report.compared_landmark,
    )


def lacking(report: Report) -> Iterator[str]:
    """The won deals that add nothing to the sums, by what they lack; by id."""
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
                "to": report.terms.currency,
                "day": deal.day.isoformat(),
            }
            for deal in report.won
            if deal.lack == Lack.RATE
        )
        yield _("Won without a rate: %(deals)s") % {"deals": ", ".join(gaps)}


def compared(heading: str, comparison: Comparison) -> Iterator[str]:
    """One comparison under its heading."""
    yield from aligned(
        [heading, _("Closed"), _("Won"), _("Close rate"), _("Median days")],
        [
            side_row(_("With video"), comparison.with_video),
            side_row(_("Without"), comparison.without),
        ],
    )


def side_row(name: str, side: Side) -> list[str]:
    """One side of a comparison; says so where there are too few deals to tell."""
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
    """A number with its interval, or a dash."""
    if value is None:
        return "–"
    text = f"{value * scale:.1f}{unit}"
    return text + (f" ({interval[0] * scale:.1f}–{interval[1] * scale:.1f})" if interval else "")


def aligned(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table of text: the first column to the left, numbers to the right."""
    header, *rows = ([as_line(text) for text in row] for row in [header, *rows])
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for row in [header, *rows]:
        cells = [
            text.rjust(width) if place else text.ljust(width)
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
