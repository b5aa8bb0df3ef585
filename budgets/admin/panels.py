"""The budget panel on a video's page."""

from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from budgets import access, ledger
from budgets.estimates import check_may_write
from budgets.models import Entry, Estimate, EstimateItem, Line
from studio.formats.money import shown
from videos.planning.admin.panels import VideoPanel
from videos.planning.models import Stage, Video

LATEST = 10  # expenses shown


class LineCost(NamedTuple):
    """Amounts of one video on one line, in minor units."""

    line: Line
    estimate: int
    committed: int
    spent: int


class RequestedItem(NamedTuple):
    """An item of the undecided estimate, and whether its line has too little available."""

    item: EstimateItem
    is_short: bool


def line_costs(video: Video) -> list[LineCost]:
    """Return what is estimated for, committed to and spent on a video, by line."""
    expected: dict[int, int] = {}
    for line, minor in (
        EstimateItem.objects.expected().filter(estimate__video=video).values_list("line", "minor")
    ):
        expected[line] = expected.get(line, 0) + minor
    spent: dict[int, int] = {}
    expenses = Entry.objects.filter(video=video, kind=Entry.Kind.EXPENSE)
    for line, minor in expenses.values_list("line", "minor"):
        spent[line] = spent.get(line, 0) + minor
    committed = ledger.committed_to(video.pk)
    lines = Line.objects.filter(pk__in={*expected, *spent, *committed})
    return [
        LineCost(line, expected.get(line.pk, 0), committed.get(line.pk, 0), spent.get(line.pk, 0))
        for line in lines.select_related("budget", "period")
    ]


def totals(costs: list[LineCost]) -> dict[str, str]:
    """Return the formatted sums over all lines by name, with one sum for each currency."""
    found = {}
    for name in ("estimate", "committed", "spent"):
        by_currency: dict[str, int] = {}
        for cost in costs:
            code = cost.line.currency
            by_currency[code] = by_currency.get(code, 0) + getattr(cost, name)
        found[name] = ", ".join(shown(minor, code) for code, minor in sorted(by_currency.items()))
    return found


class BudgetPanel(VideoPanel):
    """The estimates, commitments and expenses of the video, and what can be done next."""

    order = 30
    heading = _("Budget")
    icon = "table"
    anchor = "budget"
    comes_later = True
    template_name = "budgets/panels/video.html"

    def is_shown(self) -> bool:
        return not self.video.imported and access.may_see_video_costs(self.request.user)

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        user = self.request.user
        found = self.video.estimates.select_related("requested_by", "decided_by")
        items = EstimateItem.objects.select_related("line__budget", "line__period")
        estimates = list(found.prefetch_related(Prefetch("items", items)))
        waiting = next((one for one in estimates if one.is_undecided), None)
        costs = line_costs(self.video)
        requested_items = self.requested_items(waiting)
        is_requested = bool(waiting and waiting.state == Estimate.State.REQUESTED)
        may_decide = bool(
            is_requested and waiting and access.may_greenlight_estimate(user, waiting)
        )
        return {
            **super().get_context_data(parent_context),
            "waiting": waiting,
            "requested_items": requested_items,
            "is_short": any(row.is_short for row in requested_items),
            "decided": [one for one in reversed(estimates) if not one.is_undecided],
            "costs": costs,
            "totals": totals(costs),
            "latest": self.latest(),
            "may_decide": may_decide,
            "is_early": self.video.stage == Stage.IDEA,
            "is_own": is_requested and access.may_greenlight(user) and not may_decide,
            "may_override": access.may_override(user),
            "may_write": access.may_request_estimate(user) and self.is_writable(waiting),
            "may_withdraw": is_requested and access.may_request_estimate(user),
            "may_post": access.may_post_expense(user) and self.has_greenlight(estimates),
            "has_greenlight": self.has_greenlight(estimates),
            "sees_entries": access.may_see_report(user),
        }

    def requested_items(self, waiting: Estimate | None) -> list[RequestedItem]:
        """Return the items of the undecided estimate. Items of one line are added up to compare."""
        if not waiting:
            return []
        items = list(waiting.items.all())
        needed: dict[int, int] = {}
        for item in items:
            needed[item.line_id] = needed.get(item.line_id, 0) + item.minor
        return [RequestedItem(item, needed[item.line_id] > item.line.available) for item in items]

    def is_writable(self, waiting: Estimate | None) -> bool:
        """Whether an estimate of the video can be written now."""
        try:
            check_may_write(self.video, waiting)
        except ValidationError:
            return False
        return True

    def has_greenlight(self, estimates: list[Estimate]) -> bool:
        """Whether expenses can be posted for the video."""
        return any(one.state == Estimate.State.GREENLIT for one in estimates)

    def latest(self) -> list[Entry]:
        """Return the latest expenses, newest first."""
        found = Entry.objects.filter(video=self.video, kind=Entry.Kind.EXPENSE)
        return list(found.select_related("line__budget", "line__period", "by")[:LATEST])
