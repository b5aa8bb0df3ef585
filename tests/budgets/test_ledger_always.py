"""Whatever happens, in whatever order, every line adds up at every step."""

import datetime as dt

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from budgets import errors
from budgets.balance import balance_of
from budgets.estimates import decline
from budgets.ledger import committed_to, greenlight, post_expense, reverse, set_approved
from budgets.models import Entry, Estimate, Line
from budgets.periods import close
from studio.people.roles import Role
from tests.budgets.factories import LineFactory, PeriodFactory, estimate
from tests.factories import UserFactory, VideoFactory
from videos.planning.models import Stage, Video
from videos.planning.stages import change_stage

AMOUNTS = st.integers(1, 120)
PICK = st.integers(0, 99)
REFUSALS = (
    errors.AmountRefused,
    errors.ApprovedTooLow,
    errors.EstimateNotWaiting,
    errors.LineExceeded,
    errors.NotGreenlit,
    errors.NotReversible,
    errors.WrongStage,
    errors.OutsidePeriod,
    errors.PeriodClosed,
)


class Ledger(RuleBasedStateMachine):
    """A quarter and the next one, two lines in each, three videos, and people at work."""

    def __init__(self) -> None:
        super().__init__()
        self.world = transaction.atomic()
        self.world.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.world.__exit__(None, None, None)

    @initialize()
    def start(self) -> None:
        self.finance = UserFactory(role=Role.FINANCE)
        self.producer = UserFactory(role=Role.PRODUCER)
        now = PeriodFactory()
        first = now.ends_on + dt.timedelta(days=1)
        later = PeriodFactory(code="NEXT", starts_on=first, ends_on=first + dt.timedelta(days=90))
        self.periods = [now, later]
        self.lines = [LineFactory(period=at, approved=100) for at in (now, now, later, later)]
        self.videos = [VideoFactory(stage="planned") for _ in range(3)]
        self.overridden: set[int] = set()
        self.seen: list[tuple] = []

    def attempt(self, act) -> None:
        """Does the act, which may be refused, and then changes nothing."""
        before = list(Entry.objects.order_by("pk").values_list("pk", flat=True))
        try:
            act()
        except REFUSALS:
            assert list(Entry.objects.order_by("pk").values_list("pk", flat=True)) == before

    def line(self, pick: int) -> Line:
        return self.lines[pick % len(self.lines)]

    def video(self, pick: int) -> Video:
        return Video.objects.get(pk=self.videos[pick % len(self.videos)].pk)

    @rule(video=PICK, items=st.lists(st.tuples(PICK, AMOUNTS), min_size=1, max_size=3))
    def ask(self, video, items) -> None:
        asks = [(Line.objects.get(pk=self.line(pick).pk), minor) for pick, minor in items]
        self.attempt(lambda: estimate(*asks, by=self.producer, video=self.video(video)))

    @rule(pick=PICK, override=st.booleans())
    def decide(self, pick, override) -> None:
        waiting = list(Estimate.objects.filter(state="requested").order_by("pk"))
        if not waiting:
            return
        chosen = waiting[pick % len(waiting)]
        reason = "Agreed" if override else ""
        if override:
            self.overridden |= set(chosen.items.values_list("line", flat=True))
        self.attempt(lambda: greenlight(chosen.pk, by=self.finance, override=reason))

    @rule(pick=PICK)
    def say_no(self, pick) -> None:
        waiting = list(Estimate.objects.filter(state="requested").order_by("pk"))
        if waiting:
            decline(waiting[pick % len(waiting)].pk, by=self.finance, reason="No")

    @rule(line=PICK, video=PICK, minor=AMOUNTS)
    def spend(self, line, video, minor) -> None:
        self.attempt(
            lambda: post_expense(self.line(line).pk, self.video(video).pk, minor, by=self.finance)
        )

    @rule(pick=PICK)
    def take_back(self, pick) -> None:
        entries = list(Entry.objects.order_by("pk"))
        chosen = entries[pick % len(entries)]
        self.attempt(lambda: reverse(chosen.pk, by=self.finance, reason="Wrong"))

    @rule(line=PICK, minor=st.integers(0, 200))
    def approve(self, line, minor) -> None:
        self.attempt(
            lambda: set_approved(self.line(line).pk, minor, by=self.finance, reason="Plan")
        )

    @rule(video=PICK, published=st.booleans())
    def end(self, video, published) -> None:
        chosen = self.video(video)
        if chosen.stage in (Stage.PUBLISHED, Stage.CANCELLED):
            return
        if published:
            Video.objects.filter(pk=chosen.pk).update(stage=Stage.APPROVED)
            change_stage(chosen.pk, Stage.PUBLISHED, room="publishing", by=self.producer)
        else:
            change_stage(chosen.pk, Stage.CANCELLED, room="planning", by=self.producer)
        assert committed_to(chosen.pk) == {}

    @precondition(lambda self: len(self.periods) == 2)
    @rule()
    def end_the_quarter(self) -> None:
        period = self.periods.pop(0)
        close(period.pk, by=self.finance)
        for line in Line.objects.filter(period=period):
            assert balance_of(line.entries.all()).committed == 0

    @invariant()
    def every_line_adds_up(self) -> None:
        for line in Line.objects.with_balance():
            folded = balance_of(line.entries.order_by("pk"))
            assert (line.approved, line.committed, line.spent) == folded
            assert line.available == folded.available
            assert line.approved == line.committed + line.spent + line.available
            assert folded.committed >= 0
            assert folded.spent >= 0
            assert line.available >= 0 or line.pk in self.overridden

    @invariant()
    def commitments_of_the_videos_are_those_of_the_lines(self) -> None:
        by_line = dict.fromkeys((line.pk for line in self.lines), 0)
        for video in self.videos:
            for line, minor in committed_to(video.pk).items():
                assert minor > 0
                by_line[line] += minor
        for line in Line.objects.with_balance():
            assert line.committed == by_line[line.pk]

    @invariant()
    def what_was_posted_stays_as_it_was(self) -> None:
        rows = list(Entry.objects.order_by("pk").values_list())
        assert rows[: len(self.seen)] == self.seen
        self.seen = rows


@pytest.mark.slow
@pytest.mark.django_db
def test_approved_is_committed_and_spent_and_available_on_every_line_at_every_moment():
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
