import datetime as dt
import importlib

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.utils.timezone import localdate, now
from wagtail.models import ModelLogEntry

from budgets import errors
from budgets.balance import Balance, balance_of
from budgets.estimates import ItemData, decline, save_estimate, withdraw
from budgets.leaving import hand_over_estimates
from budgets.ledger import (
    committed_to,
    greenlight,
    post_expense,
    reverse,
    set_approved,
    similar_expense,
)
from budgets.models import Budget, Entry, Estimate, EstimateWriter, Line, Period
from budgets.models.budget import today
from studio.people.roles import Role
from tests.budgets.factories import BudgetFactory, LineFactory, PeriodFactory, estimate, greenlit
from tests.factories import UserFactory, VideoFactory
from videos.planning.models import Stage
from videos.planning.stages import change_stage

pytestmark = pytest.mark.django_db


def balance(line: Line) -> Balance:
    """The fold of a line's entries, having checked that the kept figures agree."""
    line.refresh_from_db()
    folded = balance_of(line.entries.all())
    assert (line.approved, line.available) == (folded.approved, folded.available)
    return folded


@pytest.fixture
def line(db):
    return LineFactory(name="Crew", approved=100_00)


def test_a_greenlight_reserves_every_item_and_moves_the_stage(line, finance):
    travel = LineFactory(approved=50_00)
    waiting = estimate((travel, 20_00), (line, 60_00), (line, 5_00))

    greenlight(waiting.pk, by=finance)

    assert balance(line) == Balance(100_00, 65_00, 0)
    assert balance(travel) == Balance(50_00, 20_00, 0)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.decided_by) == (Estimate.State.GREENLIT, finance)
    [record] = waiting.video.transitions.all()
    assert (record.from_stage, record.to_stage, record.room, record.by) == (
        "planned",
        "greenlit",
        "budgets",
        finance,
    )


def test_a_greenlight_beyond_a_line_reserves_nothing_and_says_what_is_available(line, finance):
    travel = LineFactory(approved=50_00)
    waiting = estimate((travel, 20_00), (line, 100_01))

    with pytest.raises(errors.LineExceeded) as refusal:
        greenlight(waiting.pk, by=finance)

    assert refusal.value.messages == [
        "“Crew” does not have 100.01\xa0EUR: 100.00\xa0EUR is available. It can pay at most"
        " 100.00\xa0EUR. For more, raise its approved amount, or give a reason to go below zero."
    ]
    assert balance(line) == Balance(100_00)
    assert balance(travel) == Balance(50_00)
    waiting.refresh_from_db()
    assert waiting.state == Estimate.State.REQUESTED
    assert waiting.video.stage == Stage.PLANNED
    assert list(waiting.video.transitions.all()) == []


@pytest.mark.parametrize("superuser", [False, True])
def test_nobody_approves_their_own_request(line, superuser):
    both = UserFactory(role=Role.FINANCE, is_superuser=superuser)
    waiting = estimate((line, 1_00), by=both)
    with pytest.raises(errors.OwnRequest):
        greenlight(waiting.pk, by=both)
    assert balance(line) == Balance(100_00)
    with pytest.raises(IntegrityError), transaction.atomic():
        Estimate.objects.update(state="greenlit", decided_by=both, decided_at=now())


def again(waiting, line, by):
    """The estimate, withdrawn and asked for anew by somebody else."""
    withdraw(waiting.pk, by=by)
    return save_estimate(waiting.video_id, [ItemData(line, 1_00)], by=by)


def test_nobody_greenlights_what_they_wrote_and_a_helper_sent(line, finance):
    both, helper = UserFactory(role=Role.FINANCE), UserFactory(role=Role.PRODUCER)
    waiting = again(estimate((line, 1_00), by=both), line, helper)
    with pytest.raises(errors.WrittenByGreenlighter, match="since its last greenlight"):
        greenlight(waiting.pk, by=both)
    assert balance(line) == Balance(100_00)
    assert list(Estimate.objects.to_be_greenlit_by(finance)) == [waiting]
    assert not Estimate.objects.to_be_greenlit_by(both).exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Estimate.objects.update(state="greenlit", decided_by=both, decided_at=now())
    greenlight(waiting.pk, by=finance)


def test_nobody_greenlights_for_another_what_was_declined_to_them(line, finance):
    both, helper = UserFactory(role=Role.FINANCE), UserFactory(role=Role.PRODUCER)
    first = estimate((line, 1_00), by=both)
    decline(first.pk, by=finance, reason="Not now")
    second = save_estimate(first.video_id, [ItemData(line, 1_00)], by=helper)
    with pytest.raises(errors.WrittenByGreenlighter):
        greenlight(second.pk, by=both)


def test_after_a_greenlight_by_another_one_greenlights_what_others_ask(line, finance):
    both, helper = UserFactory(role=Role.FINANCE), UserFactory(role=Role.PRODUCER)
    first = estimate((line, 1_00), by=both)
    greenlight(first.pk, by=finance)
    more = save_estimate(first.video_id, [ItemData(line, 1_00)], by=helper)
    assert greenlight(more.pk, by=both).decided_by == both


def test_who_took_an_estimate_over_does_not_greenlight_it(line, finance):
    leaver, heir = UserFactory(role=Role.FINANCE), UserFactory(role=Role.FINANCE)
    waiting = estimate((line, 1_00), by=leaver)
    hand_over_estimates(Estimate.objects.filter(pk=waiting.pk), leaver, heir, finance)
    for by, refusal in ((heir, errors.OwnRequest), (leaver, errors.WrittenByGreenlighter)):
        with pytest.raises(refusal):
            greenlight(waiting.pk, by=by)


def test_the_migration_knows_who_asked(line):
    waiting = estimate((line, 1_00))
    wrote = [(writer.estimate, writer.user) for writer in EstimateWriter.objects.all()]
    EstimateWriter.objects.all().delete()
    name = "budgets.migrations.0006_record_who_wrote_estimates"
    migration = importlib.import_module(name)
    migration.record(apps, None)
    found = [(writer.estimate, writer.user) for writer in EstimateWriter.objects.all()]
    assert found == wrote == [(waiting, waiting.requested_by)]
    migration.forget(apps, None)
    assert not EstimateWriter.objects.exists()


def test_a_line_goes_below_zero_only_with_a_reason_of_someone_allowed(line, finance, producer):
    waiting = estimate((line, 150_00))
    with pytest.raises(errors.OverrideNotAllowed):
        greenlight(waiting.pk, by=UserFactory(role=Role.LEADER), override="We need it")
    with pytest.raises(errors.LineExceeded):
        greenlight(waiting.pk, by=finance, override="  ")

    greenlight(waiting.pk, by=finance, override="The board said so")

    assert balance(line) == Balance(100_00, 150_00, 0)
    entry = line.entries.get(kind="commitment")
    assert (entry.override_reason, entry.by) == ("The board said so", finance)
    [logged] = ModelLogEntry.objects.for_instance(line).filter(action="budgets.override")
    assert (logged.user, logged.comment) == (finance, "The board said so")
    assert logged.message == (
        f"Posted 150.00\xa0EUR for “{waiting.video}”, which left -50.00\xa0EUR on the line."
    )


def test_the_migration_puts_overrides_and_closed_periods_of_before_on_record(line, finance):
    greenlit((line, 60_00))
    greenlight(estimate((line, 150_00)).pk, by=finance, override="The board said so")
    set_approved(line.pk, 0, by=finance, reason="Cut", override="The board said that, too")
    Period.objects.filter(pk=line.period_id).update(closed_at=now(), closed_by=finance)

    def kept():
        entries = ModelLogEntry.objects.filter(action__startswith="budgets.").order_by("pk")
        fields = ("object_id", "label", "action", "user", "data", "content_type")
        return list(entries.values_list(*fields))

    now_logged = kept()
    assert len(now_logged) == 2
    migration = importlib.import_module("budgets.migrations.0010_overrides_are_on_record")
    migration.forget(apps, None)
    assert kept() == []
    migration.record(apps, None)
    *overrides, closed = kept()
    assert overrides == now_logged
    period = Period.objects.get()
    assert closed[:4] == (str(period.pk), str(period), "budgets.close_period", finance.pk)


def test_a_reason_is_not_recorded_where_no_line_is_exceeded(line, finance):
    waiting = estimate((line, 100_00))
    greenlight(waiting.pk, by=finance, override="Just in case")
    assert line.entries.get(kind="commitment").override_reason == ""


def test_an_expense_draws_its_video_s_commitment_down_first(line, finance):
    video = greenlit((line, 60_00))
    other = greenlit((line, 10_00))

    entry = post_expense(line.pk, video.pk, 70_00, by=finance, supplier="Crew Ltd", invoice="7")

    assert (entry.drawn, entry.posted_on) == (60_00, today())
    assert balance(line) == Balance(100_00, 10_00, 70_00)
    assert committed_to(video.pk) == {}
    assert committed_to(other.pk) == {line.pk: 10_00}


def test_an_expense_beyond_the_line_is_refused_and_says_what_is_available(line, finance):
    video = greenlit((line, 60_00))
    greenlit((line, 30_00))
    with pytest.raises(errors.LineExceeded) as refusal:
        post_expense(line.pk, video.pk, 70_01, by=finance)
    assert refusal.value.messages == [
        "“Crew” does not have 70.01\xa0EUR: 60.00\xa0EUR is committed to this video, and"
        " 10.00\xa0EUR is available. It can pay at most 70.00\xa0EUR. For more, raise its approved"
        " amount, or give a reason to go below zero."
    ]
    assert balance(line) == Balance(100_00, 90_00, 0)


def test_an_expense_within_its_commitment_is_paid_from_an_overdrawn_line(line, finance):
    waiting = estimate((line, 150_00))
    greenlight(waiting.pk, by=finance, override="The board said so")
    post_expense(line.pk, waiting.video_id, 150_00, by=finance)
    assert balance(line) == Balance(100_00, 0, 150_00)


def test_nothing_is_spent_on_a_video_without_a_greenlight(line, finance):
    waiting = estimate((line, 10_00))
    with pytest.raises(errors.NotGreenlit):
        post_expense(line.pk, waiting.video_id, 1_00, by=finance)
    decline(waiting.pk, by=finance, reason="Too dear")
    with pytest.raises(errors.NotGreenlit):
        post_expense(line.pk, waiting.video_id, 1_00, by=finance)
    assert balance(line) == Balance(100_00)


@pytest.mark.parametrize("minor", [0, -5, 10**15 + 1])
def test_an_expense_is_above_zero_and_of_this_world(line, finance, minor):
    video = greenlit((line, 60_00))
    with pytest.raises(errors.AmountRefused):
        post_expense(line.pk, video.pk, minor, by=finance)
    assert balance(line) == Balance(100_00, 60_00, 0)


def test_an_expense_s_day_is_one_of_the_period_and_not_to_come(line, finance):
    video = greenlit((line, 60_00))
    for day in (line.period.starts_on - dt.timedelta(days=1), today() + dt.timedelta(days=1)):
        with pytest.raises(errors.OutsidePeriod):
            post_expense(line.pk, video.pk, 1_00, by=finance, posted_on=day)
    post_expense(line.pk, video.pk, 1_00, by=finance, posted_on=line.period.starts_on)
    assert balance(line) == Balance(100_00, 59_00, 1_00)


@pytest.mark.parametrize(
    ("day", "now", "said"),
    [
        (
            dt.date(2026, 3, 9),
            dt.date(2026, 3, 5),
            "9 Mar 2026 is in the future, and an expense is posted once the money is spent. The"
            " latest possible day is 5 Mar 2026.",
        ),
        (
            dt.date(2026, 5, 9),
            dt.date(2026, 5, 5),
            "9 May 2026 is in the future, and an expense is posted once the money is spent. The"
            " latest possible day is 31 Mar 2026.",
        ),
        (
            dt.date(2025, 12, 9),
            dt.date(2026, 5, 5),
            "9 Dec 2025 is not in Q1, which runs from 1 Jan 2026 to 31 Mar 2026. The nearest"
            " possible day is 1 Jan 2026.",
        ),
        (
            dt.date(2026, 4, 1),
            dt.date(2026, 5, 5),
            "1 Apr 2026 is not in Q1, which runs from 1 Jan 2026 to 31 Mar 2026. The nearest"
            " possible day is 31 Mar 2026.",
        ),
        (
            dt.date(2025, 12, 9),
            dt.date(2025, 12, 9),
            "Q1 begins on 1 Jan 2026. No expense can be posted to it before that.",
        ),
    ],
)
def test_an_impossible_day_is_refused_with_the_reason_and_the_nearest_possible(day, now, said):
    period = Period(code="Q1", starts_on=dt.date(2026, 1, 1), ends_on=dt.date(2026, 3, 31))
    assert errors.OutsidePeriod(period, day, now).messages == [said]


SENT = {"supplier": "Crew Ltd", "invoice": "R-7"}


@pytest.mark.parametrize(
    ("minor", "days_ago", "details", "is_similar"),
    [
        (9_99, 2, SENT, True),
        (9_99, 2, {"supplier": "CREW ltd", "invoice": "r-7"}, True),
        (9_99, 2, {"supplier": "Crew\u00a0 Ltd", "invoice": "R\u200b- 7"}, True),
        (5_00, 1, {**SENT, "invoice": "–"}, True),
        (5_00, 1, {**SENT, "invoice": ""}, True),
        (5_00, 1, {**SENT, "invoice": "R-8"}, False),
        (5_00, 1, {**SENT, "supplier": "Gear Ltd"}, False),
        (5_00, 2, {**SENT, "invoice": ""}, False),
        (5_01, 1, {**SENT, "invoice": ""}, False),
    ],
)
def test_an_expense_looks_like_a_posted_one(line, finance, minor, days_ago, details, is_similar):
    video = greenlit((line, 60_00))
    yesterday = today() - dt.timedelta(days=1)
    post = post_expense(line.pk, video.pk, 5_00, by=finance, posted_on=yesterday, **SENT)
    day = today() - dt.timedelta(days=days_ago)
    asked = similar_expense(line, minor, posted_on=day, **details)
    assert asked == (post if is_similar else None)
    reverse(post.pk, by=finance, reason="Billed twice")
    assert similar_expense(line, minor, posted_on=day, **details) is None


def test_a_posted_expense_without_an_invoice_is_asked_about_when_the_invoice_comes(line, finance):
    video = greenlit((line, 60_00))
    post = post_expense(line.pk, video.pk, 5_00, by=finance, supplier="Crew Ltd")
    assert similar_expense(line, 5_00, posted_on=today(), **SENT) == post
    dollars = LineFactory(name="Crew", budget=BudgetFactory(name="US", currency="USD"))
    assert similar_expense(dollars, 5_00, posted_on=today(), **SENT) is None


@pytest.mark.parametrize("department", ["marketing", "other"])
def test_video_production_is_paid_from_a_sales_budget_alone(line, finance, department):
    brand = LineFactory(budget=BudgetFactory(name="Brand", department=department), approved=100_00)
    video = greenlit((line, 10_00))
    with pytest.raises(errors.NotSalesBudget, match="paid from a budget of sales"):
        post_expense(brand.pk, video.pk, 1_00, by=finance)
    with pytest.raises(errors.NotSalesBudget):
        estimate((brand, 1_00))
    waiting = estimate((line, 1_00))
    waiting.items.update(line=brand)
    with pytest.raises(errors.NotSalesBudget):
        greenlight(waiting.pk, by=finance)
    assert balance(brand) == Balance(100_00)


def test_nothing_is_posted_to_a_closed_period(line, finance):
    video = greenlit((line, 60_00))
    expense = post_expense(line.pk, video.pk, 5_00, by=finance)
    waiting = estimate((line, 1_00))
    before = list(line.entries.values())
    Period.objects.update(closed_at=now(), closed_by=finance)

    for act in (
        lambda: set_approved(line.pk, 500_00, by=finance, reason="More"),
        lambda: greenlight(waiting.pk, by=finance),
        lambda: post_expense(line.pk, video.pk, 5_00, by=finance),
        lambda: reverse(expense.pk, by=finance, reason="Wrong"),
    ):
        with pytest.raises(errors.PeriodClosed):
            act()

    assert list(line.entries.values()) == before


@pytest.mark.parametrize("end", [Stage.PUBLISHED, Stage.CANCELLED])
def test_what_is_left_is_released_when_the_video_is_published_or_cancelled(
    line, finance, producer, end
):
    travel = LineFactory(approved=50_00)
    video = greenlit((line, 60_00), (travel, 20_00))
    other = greenlit((line, 10_00))
    post_expense(line.pk, video.pk, 25_00, by=finance)
    if end == Stage.PUBLISHED:
        type(video).objects.filter(pk=video.pk).update(stage=Stage.APPROVED)
    room = "publishing" if end == Stage.PUBLISHED else "planning"

    change_stage(video.pk, end, room=room, by=producer)

    assert balance(line) == Balance(100_00, 10_00, 25_00)
    assert balance(travel) == Balance(50_00)
    assert committed_to(other.pk) == {line.pk: 10_00}
    released = Entry.objects.filter(kind="release").order_by("line")
    assert [(entry.minor, entry.by) for entry in released] == [
        (-35_00, producer),
        (-20_00, producer),
    ]


def test_an_expense_after_the_release_is_paid_from_what_is_available(line, finance, producer):
    video = greenlit((line, 60_00))
    change_stage(video.pk, Stage.CANCELLED, room="planning", by=producer)
    entry = post_expense(line.pk, video.pk, 100_00, by=finance)
    assert entry.drawn == 0
    assert balance(line) == Balance(100_00, 0, 100_00)


def test_a_cancelled_video_s_waiting_estimate_waits_no_longer(line, producer):
    waiting = estimate((line, 60_00))
    change_stage(waiting.video_id, Stage.CANCELLED, room="planning", by=producer)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.reason) == ("declined", "The video was cancelled.")


def test_a_video_under_way_gets_more_by_another_estimate(line, finance):
    video = greenlit((line, 60_00))
    type(video).objects.filter(pk=video.pk).update(stage=Stage.EDITING)
    more = estimate((line, 15_00), video=video)
    greenlight(more.pk, by=finance)
    video.refresh_from_db()
    assert video.stage == Stage.EDITING
    assert committed_to(video.pk) == {line.pk: 75_00}
    assert balance(line) == Balance(100_00, 75_00, 0)


def test_an_idea_is_not_greenlit_before_it_is_planned(line, finance):
    waiting = estimate((line, 1_00), video=VideoFactory(stage="idea"))
    with pytest.raises(errors.WrongStage):
        greenlight(waiting.pk, by=finance)
    assert balance(line) == Balance(100_00)


def test_a_greenlight_is_given_once(line, finance):
    waiting = estimate((line, 1_00))
    greenlight(waiting.pk, by=finance)
    with pytest.raises(errors.EstimateNotWaiting):
        greenlight(waiting.pk, by=finance)
    assert balance(line) == Balance(100_00, 1_00, 0)


def test_a_reversed_expense_goes_back_to_the_commitment_it_drew(line, finance):
    video = greenlit((line, 60_00))
    expense = post_expense(line.pk, video.pk, 70_00, by=finance, invoice="7")

    back = reverse(expense.pk, by=finance, reason="Billed twice")

    assert (back.minor, back.drawn, back.reverses, back.note) == (
        -70_00,
        -60_00,
        expense,
        "Billed twice",
    )
    assert balance(line) == Balance(100_00, 60_00, 0)


def test_a_reversed_expense_of_an_ended_video_goes_back_to_the_line(line, finance, producer):
    video = greenlit((line, 60_00))
    expense = post_expense(line.pk, video.pk, 50_00, by=finance)
    change_stage(video.pk, Stage.CANCELLED, room="planning", by=producer)
    reverse(expense.pk, by=finance, reason="Billed twice")
    assert balance(line) == Balance(100_00)
    assert committed_to(video.pk) == {}


def test_an_entry_is_reversed_once_and_a_reversal_never(line, finance):
    video = greenlit((line, 60_00))
    expense = post_expense(line.pk, video.pk, 5_00, by=finance)
    back = reverse(expense.pk, by=finance, reason="Wrong")
    approval = line.entries.get(kind="approval")
    for entry in (expense, back, approval):
        with pytest.raises(errors.NotReversible):
            reverse(entry.pk, by=finance, reason="Again")
    assert balance(line) == Balance(100_00, 60_00, 0)


def test_a_commitment_is_reversed_while_none_of_it_is_spent(line, finance):
    video = greenlit((line, 60_00))
    commitment = line.entries.get(kind="commitment")
    expense = post_expense(line.pk, video.pk, 5_00, by=finance)
    with pytest.raises(errors.NotReversible, match=r"55\.00"):
        reverse(commitment.pk, by=finance, reason="Wrong line")
    reverse(expense.pk, by=finance, reason="Wrong")
    reverse(commitment.pk, by=finance, reason="Wrong line")
    assert balance(line) == Balance(100_00)


def test_a_line_s_approved_amount_changes_on_record(line, finance):
    entry = set_approved(line.pk, 80_00, by=finance, reason="Cut by the board")
    assert (entry.minor, entry.by, entry.note) == (-20_00, finance, "Cut by the board")
    assert balance(line) == Balance(80_00)
    with pytest.raises(errors.ReasonMissing):
        set_approved(line.pk, 90_00, by=finance, reason=" ")


def test_a_line_is_not_cut_below_what_it_has_promised(line, finance):
    greenlit((line, 60_00))
    with pytest.raises(errors.ApprovedTooLow, match=r"is committed or spent\. Enter 60\.00"):
        set_approved(line.pk, 59_99, by=finance, reason="Cut")
    set_approved(line.pk, 60_00, by=finance, reason="Cut")
    assert balance(line) == Balance(60_00, 60_00, 0)


def test_a_posted_entry_is_never_edited_or_deleted_but_reversed(line, finance):
    entry = line.entries.get()
    entry.minor = 1
    for act in (
        entry.save,
        entry.delete,
        lambda: Entry.objects.update(minor=1),
        Entry.objects.all().delete,
        lambda: line.entries.filter(pk=entry.pk).update(note="x"),
    ):
        with pytest.raises(errors.EntryIsFinal):
            act()
    assert [(row.pk, row.minor) for row in Entry.objects.all()] == [(entry.pk, 100_00)]
    expense = post_expense(line.pk, greenlit((line, 5_00)).pk, 5_00, by=finance)
    back = reverse(expense.pk, by=finance, reason="Billed twice")
    expense.refresh_from_db()
    assert (expense.minor, back.minor, back.reverses) == (5_00, -5_00, expense)


REWRITES = [
    "UPDATE budgets_entry SET minor = 1",
    "UPDATE budgets_entry SET note = 'x'",
    "DELETE FROM budgets_entry",
]
if connection.vendor == "sqlite":  # others have no such statement
    REWRITES.append("INSERT OR REPLACE INTO budgets_entry SELECT * FROM budgets_entry")


@pytest.mark.parametrize("statement", REWRITES)
def test_the_database_refuses_to_edit_or_delete_an_entry_as_well(line, statement):
    with (
        pytest.raises(IntegrityError, match="never edited or deleted"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert [row.minor for row in Entry.objects.all()] == [100_00]


def test_periods_share_no_day(line):
    now_ = line.period
    fields = {"starts_on": now_.ends_on, "ends_on": now_.ends_on + dt.timedelta(days=5)}
    with pytest.raises(errors.ValidationError, match="These days overlap with NOW"):
        Period(code="NEXT", **fields).full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        Period.objects.create(code="NEXT", **fields)
    fields["starts_on"] += dt.timedelta(days=1)
    later = PeriodFactory(code="NEXT", **fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        Period.objects.filter(pk=later.pk).update(starts_on=now_.ends_on)


def test_a_budget_with_lines_keeps_its_currency_and_department(line):
    budget = Budget.objects.get()
    budget.department = "marketing"
    with pytest.raises(errors.ValidationError, match="of a budget with lines cannot be changed"):
        budget.full_clean()


def test_what_happened_earlier_is_on_record_with_its_day(line, finance, producer):
    last_week = now() - dt.timedelta(days=7)
    waiting = estimate((line, 60_00))
    greenlight(waiting.pk, by=finance, at=last_week)
    cancelled = last_week + dt.timedelta(days=2)
    change_stage(waiting.video_id, Stage.CANCELLED, room="planning", by=producer, at=cancelled)
    commitment, release = line.entries.exclude(kind="approval").order_by("pk")
    assert (commitment.posted_on, release.posted_on) == (
        localdate(last_week),
        localdate(cancelled),
    )
    assert waiting.video.transitions.first().at == last_week
