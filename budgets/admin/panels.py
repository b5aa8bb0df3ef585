"""The budget's part of a video's page."""

from typing import Any, NamedTuple

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from budgets import access, ledger
from budgets.estimates import check_may_write
from budgets.models import Entry, Estimate, EstimateItem, Line
from studio.formats.money import shown
from videos.planning.admin.panels import VideoPanel
from videos.planning.models import Stage, Video

LATEST = 10


class LineCost(NamedTuple):
    """Minor units of one video on one line."""

    line: Line
    estimate: int
    committed: int
    spent: int


class Want(NamedTuple):
    """An item of the estimate that is to be decided, beside what its line has."""

    item: EstimateItem
    is_short: bool


def line_costs(video: Video) -> list[LineCost]:
    """What a video is expected to cost, is promised and has spent, by line."""
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


def in_all(costs: list[LineCost]) -> dict[str, str]:
    """Estimate, committed and spent over all lines; one sum for each currency."""
    words = {}
    for name in ("estimate", "committed", "spent"):
        by_currency: dict[str, int] = {}
        for cost in costs:
            code = cost.line.currency
            by_currency[code] = by_currency.get(code, 0) + getattr(cost, name)
        words[name] = ", ".join(shown(minor, code) for code, minor in sorted(by_currency.items()))
    return words


class BudgetPanel(VideoPanel):
    """What the video is expected to cost, has reserved and has spent, and what is next."""

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
        wants = self.wants(waiting)
        is_asked = bool(waiting and waiting.state == Estimate.State.REQUESTED)
        may_decide = bool(is_asked and waiting and access.may_greenlight_estimate(user, waiting))
        return {
            **super().get_context_data(parent_context),
            "waiting": waiting,
            "is_asked": is_asked,
            "wants": wants,
            "is_short": any(want.is_short for want in wants),
            "decided": [one for one in reversed(estimates) if not one.is_undecided],
            "costs": costs,
            "totals": in_all(costs),
            "latest": self.latest(),
            "may_decide": may_decide,
            "is_early": self.video.stage == Stage.IDEA,
            "is_own": is_asked and access.may_greenlight(user) and not may_decide,
            "may_override": access.may_override(user),
            "may_ask": access.may_request_estimate(user) and self.is_askable(waiting),
            "may_withdraw": is_asked and access.may_request_estimate(user),
            "may_post": access.may_post_expense(user) and self.has_greenlight(estimates),
            "has_greenlight": self.has_greenlight(estimates),
            "sees_entries": access.may_see_report(user),
        }

    def wants(self, waiting: Estimate | None) -> list[Want]:
        """The items of the waiting estimate; short where its line cannot carry all of them."""
        if not waiting:
            return []
        items = list(waiting.items.all())
        asked: dict[int, int] = {}
        for item in items:
            asked[item.line_id] = asked.get(item.line_id, 0) + item.minor
        return [Want(item, asked[item.line_id] > item.line.available) for item in items]

    def is_askable(self, waiting: Estimate | None) -> bool:
        """Whether an estimate can be written now."""
        try:
            check_may_write(self.video, waiting)
        except ledger.errors.ValidationError:
            return False
        return True

    def has_greenlight(self, estimates: list[Estimate]) -> bool:
        """Whether money may be spent on the video."""
        return any(one.state == Estimate.State.GREENLIT for one in estimates)

    def latest(self) -> list[Entry]:
        """The latest expenses, newest first."""
        found = Entry.objects.filter(video=self.video, kind=Entry.Kind.EXPENSE)
        return list(found.select_related("line__budget", "line__period", "by")[:LATEST])
