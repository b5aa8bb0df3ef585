"""The budget report of a period in one currency: figures by line, and costs by video."""

import datetime as dt
import logging
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import Sum
from django.utils.translation import gettext as _

from budgets.models import Entry, EstimateItem, Line, Period
from studio.collation.functions import SortKey
from studio.formats.money import plain
from videos.planning.models import Video

log = logging.getLogger(__name__)


class Shares(NamedTuple):
    """How much of a line is used, and the bar that shows it.

    `spent`, `committed` and `over` (what exceeds the approved amount) are whole percentages of the
    approved amount, or None if nothing is approved. `bar_spent`, `bar_committed` and `limit` are
    percentages of the bar's width, which is the larger of the approved and the used amount; `limit`
    is where the approved amount ends.
    """

    spent: int | None
    committed: int | None
    over: int | None
    bar_spent: int
    bar_committed: int
    limit: int

    @property
    def is_over(self) -> bool:
        """Whether more is used than approved."""
        return self.limit < WHOLE


WHOLE = 100  # percent


def shares(approved: int, committed: int, spent: int) -> Shares:
    """Return how much of `approved` is spent and committed, all in minor units."""
    spent, committed = max(spent, 0), max(committed, 0)
    used = spent + committed
    width = max(approved, used, 1)
    bar = spent * WHOLE // width, committed * WHOLE // width
    limit = WHOLE if used <= approved else approved * WHOLE // width
    if not approved:
        return Shares(None, None, None, *bar, limit)
    is_over = used > approved
    percent = -(-used * WHOLE // approved) if is_over else used * WHOLE // approved
    part = spent * WHOLE // approved
    return Shares(part, percent - part, max(percent - WHOLE, 0), *bar, limit)


class Figures(NamedTuple):
    """Amounts of a line, or of all lines, in minor units."""

    approved: int = 0
    committed: int = 0
    spent: int = 0
    available: int = 0
    forecast: int = 0

    @property
    def adds_up(self) -> bool:
        """Whether approved = committed + spent + available."""
        return self.approved == self.committed + self.spent + self.available

    def shares(self) -> Shares:
        """Return how much of the approved amount is used."""
        return shares(self.approved, self.committed, self.spent)


class VideoCost(NamedTuple):
    """Amounts of one video on the lines of the report, in minor units."""

    video: Video
    estimate: int
    committed: int
    spent: int


class BudgetReport(NamedTuple):
    """The report of a period over all budgets in one currency, an ISO 4217 code."""

    period: Period
    currency: str
    totals: Figures
    lines: Sequence[tuple[Line, Figures]]
    videos: Sequence[VideoCost]


def figures(line: Any) -> Figures:
    """Return the figures of a line from `Line.objects.with_balance()`.

    Forecast = spent + committed + estimates that are neither greenlit nor declined.
    """
    return Figures(
        approved=line.approved,
        committed=line.committed,
        spent=line.spent,
        available=line.available,
        forecast=line.spent + line.committed + line.awaiting,
    )


def total(rows: Sequence[Figures]) -> Figures:
    """Return the sums of the figures, one for each column."""
    return Figures(*(sum(column) for column in zip(*rows, strict=True))) if rows else Figures()


def lines_of(period: Period, currency: str) -> list[tuple[Any, Figures]]:
    """Return the lines of a period in all budgets in `currency`, with their figures.

    Lines whose stored figures do not match their entries are logged as errors.
    """
    found = Line.objects.filter(period=period, budget__currency=currency).with_balance()
    # In descending order, sales comes before the other departments.
    found = found.select_related("budget", "period").order_by(
        "-budget__department", "budget__name", "kind", "name", "pk"
    )
    lines = [(line, figures(line)) for line in found]
    for line, row in lines:
        if not row.adds_up:
            log.error("Line %s does not add up: %s", line.pk, row)
    return lines


def budget_totals(period: Period, currency: str) -> Figures:
    """Return only the totals of `budget_report`."""
    return total([row for _line, row in lines_of(period, currency)])


def budget_report(period: Period, currency: str) -> BudgetReport:
    """Return the report of a period over all budgets in `currency`, an ISO 4217 code."""
    lines = lines_of(period, currency)
    return BudgetReport(
        period=period,
        currency=currency,
        totals=total([row for _line, row in lines]),
        lines=lines,
        videos=video_costs([line.pk for line, _row in lines]),
    )


def video_costs(line_ids: Sequence[int], video_id: int | None = None) -> list[VideoCost]:
    """Return the cost of each video on the lines, ordered by title; only of `video_id` if given."""
    expected = EstimateItem.objects.expected().filter(line__in=line_ids)
    posted = Entry.objects.filter(line__in=line_ids, video__isnull=False)
    if video_id is not None:
        expected = expected.filter(estimate__video=video_id)
        posted = posted.filter(video=video_id)
    estimates = {
        row["estimate__video"]: row["total"]
        for row in expected.order_by().values("estimate__video").annotate(total=Sum("minor"))
    }
    committed = dict.fromkeys(estimates, 0)
    spent = dict.fromkeys(estimates, 0)
    sums = posted.order_by().values("video", "kind").annotate(total=Sum("minor"), out=Sum("drawn"))
    for row in sums:
        video = row["video"]
        is_expense = row["kind"] == Entry.Kind.EXPENSE
        committed[video] = committed.get(video, 0) + (-row["out"] if is_expense else row["total"])
        spent[video] = spent.get(video, 0) + (row["total"] if is_expense else 0)
    return [
        VideoCost(video, estimates.get(video.pk, 0), committed[video.pk], spent[video.pk])
        for video in Video.objects.filter(pk__in=committed.keys()).order_by(
            SortKey("title"), "public_id"
        )
    ]


def as_json(report: BudgetReport) -> dict[str, Any]:
    """Return the report as JSON; amounts are strings with the currency's decimals."""

    def money(minor: int) -> str:
        return plain(minor, report.currency)

    def texts(row: Figures) -> dict[str, str]:
        return {name: money(minor) for name, minor in row._asdict().items()}

    return {
        "period": report.period.code,
        "currency": report.currency,
        "totals": texts(report.totals),
        "lines": [
            {"line": line.name, "kind": line.kind, **texts(row)} for line, row in report.lines
        ],
        "videos": [
            {
                "video_id": cost.video.public_id,
                "title": cost.video.title,
                "estimate": money(cost.estimate),
                "committed": money(cost.committed),
                "spent": money(cost.spent),
            }
            for cost in report.videos
        ],
    }


class NoPeriod(LookupError):
    """No period has this code, or covers the day. The message lists the codes of all periods."""


def period_of(code: str | None, day: dt.date) -> Period:
    """Return the period with this code or, without a code, the one that covers `day`.

    Raises NoPeriod.
    """
    found = Period.objects.filter(code=code) if code else Period.objects.on(day)
    if period := found.first():
        return period
    codes = ", ".join(Period.objects.values_list("code", flat=True)) or _("none")
    if code:
        text = _("There is no period “%(code)s”. Periods: %(codes)s.")
    else:
        text = _("No period covers today, %(day)s. Choose one with --period: %(codes)s.")
    raise NoPeriod(text % {"code": code, "day": day.isoformat(), "codes": codes})
