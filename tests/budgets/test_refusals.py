"""What is refused about money says the real reason, and the nearest thing that works."""

import datetime as dt

import pytest

from budgets import errors, estimates, ledger
from budgets.periods import close
from studio.people.roles import Role
from tests.budgets.factories import BudgetFactory, LineFactory, PeriodFactory, estimate, greenlit
from tests.factories import UserFactory, VideoFactory
from videos.planning.models import Stage

pytestmark = pytest.mark.django_db


def said(refusal, act, *args, **kwargs):
    """The sentence with which an act is refused, with plain spaces."""
    with pytest.raises(refusal) as refused:
        act(*args, **kwargs)
    return refused.value.messages[0].replace("\xa0", " ")


@pytest.fixture
def line():
    return LineFactory(name="Crew", approved=100_00)


def test_a_line_below_zero_asks_for_money_or_a_reason(line, finance):
    video = greenlit((line, 100_00))
    text = said(errors.LineExceeded, ledger.greenlight, estimate((line, 1)).pk, by=finance)
    assert text == (
        "“Crew” does not have 0.01 EUR: 0.00 EUR is available. Raise its approved amount, or give a"
        " reason to go below zero."
    )
    assert video.stage == Stage.GREENLIT


def test_who_may_not_override_reads_what_is_possible(line):
    leader = UserFactory(role=Role.LEADER)
    waiting = estimate((line, 100_01))
    text = said(errors.OverrideNotAllowed, ledger.greenlight, waiting.pk, by=leader, override="Now")
    assert text == (
        "You may not take “Crew” below zero. It can pay at most 100.00 EUR; for more, ask finance."
    )


def test_a_cut_below_what_is_used_names_the_lowest_amount(line, finance):
    greenlit((line, 60_00))
    text = said(
        errors.ApprovedTooLow, ledger.set_approved, line.pk, 50_00, by=finance, reason="Cut"
    )
    assert text == (
        "“Crew” cannot be reduced to 50.00 EUR: 60.00 EUR is committed or spent. Enter 60.00 EUR"
        " or more."
    )


def test_a_closed_period_names_the_nearest_open_one(line, finance):
    close(line.period_id, by=finance)
    assert said(
        errors.PeriodClosed, ledger.set_approved, line.pk, 1, by=finance, reason="More"
    ).endswith("no other period is open. Finance can add one.")
    after = line.period.ends_on + dt.timedelta(days=1)
    PeriodFactory(
        code="LATER", starts_on=after + dt.timedelta(days=90), ends_on=dt.date(2099, 1, 1)
    )
    PeriodFactory(code="NEXT", starts_on=after, ends_on=after + dt.timedelta(days=30))
    text = said(errors.PeriodClosed, ledger.set_approved, line.pk, 1, by=finance, reason="More")
    assert text.endswith("The nearest open period is NEXT.")


def test_another_department_s_budget_names_those_of_sales(line, finance):
    brand = LineFactory(budget=BudgetFactory(name="Brand", department="marketing"), approved=1_00)
    text = said(
        errors.NotSalesBudget, ledger.post_expense, brand.pk, greenlit((line, 1)).pk, 1, by=finance
    )
    assert text.endswith("Choose a line of “Sales video”.")


def test_an_estimate_says_where_it_stands_and_what_can_be_done(line, finance, producer):
    waiting = estimate((line, 10_00))
    ask = [estimates.ItemData(line, 1)]
    text = said(
        errors.EstimateNotWaiting, estimates.save_estimate, waiting.video_id, ask, by=producer
    )
    assert "has been waiting for a greenlight since " in text
    assert text.endswith("Withdraw it to change it.")
    estimates.withdraw(waiting.pk, by=producer)
    text = said(errors.EstimateNotWaiting, ledger.greenlight, waiting.pk, by=finance)
    assert text.endswith("is a draft. Request its greenlight first.")
    estimates.decline(waiting.pk, by=finance, reason="Too much")
    text = said(errors.EstimateNotWaiting, ledger.greenlight, waiting.pk, by=finance)
    assert text.endswith(f"by {finance}. Write a new one.")
    done = greenlit((line, 10_00)).estimates.get()
    text = said(errors.EstimateNotWaiting, estimates.withdraw, done.pk, by=producer)
    assert text.endswith("If the video needs more, write another estimate.")


def test_a_video_in_the_wrong_stage_says_what_comes_first(line, finance, producer):
    idea = estimate((line, 1), video=VideoFactory(stage="idea"))
    assert "Plan it first" in said(errors.WrongStage, ledger.greenlight, idea.pk, by=finance)
    ended = VideoFactory(stage="published")
    ask = [estimates.ItemData(line, 1)]
    text = said(errors.WrongStage, estimates.save_estimate, ended.pk, ask, by=producer)
    assert "plan a new video" in text


def test_an_expense_without_a_greenlight_says_who_gives_one(line, finance):
    planned = VideoFactory(stage="planned")
    text = said(errors.NotGreenlit, ledger.post_expense, line.pk, planned.pk, 1, by=finance)
    assert "A producer estimates its cost first, and finance greenlights the estimate." in text


def test_the_refusal_of_a_negative_amount_mentions_reversals(line, finance):
    video = greenlit((line, 10_00))
    text = said(errors.AmountRefused, ledger.post_expense, line.pk, video.pk, -1, by=finance)
    assert text.endswith("To undo an expense, reverse its entry.")


@pytest.mark.parametrize("other", [-1, 1])
def test_a_yes_to_one_expense_posts_no_second_one_like_another(line, finance, other):
    video = greenlit((line, 60_00))
    sent = {"supplier": "Crew Ltd", "invoice": "R-7", "check_similar": True, "by": finance}
    posted = ledger.post_expense(line.pk, video.pk, 5_00, **sent)
    with pytest.raises(errors.PostedAlready):
        ledger.post_expense(line.pk, video.pk, 5_00, **sent)
    with pytest.raises(errors.PostedAlready):
        ledger.post_expense(line.pk, video.pk, 5_00, **sent, again=posted.pk + other)
    ledger.post_expense(line.pk, video.pk, 5_00, **sent, again=posted.pk)
