import pytest

from budgets import errors
from budgets.fold import Balance, fold
from budgets.ledger import post_expense
from budgets.models import Estimate
from budgets.periods import StillCommitted, close, still_committed, still_waiting
from tests.budgets.factories import LineFactory, estimate, greenlit

pytestmark = pytest.mark.django_db


def test_closing_gives_back_what_is_committed_and_declines_what_waits(finance):
    line = LineFactory(approved=100_00)
    video = greenlit((line, 60_00))
    post_expense(line.pk, video.pk, 25_00, by=finance)
    waiting = estimate((line, 10_00))
    period = line.period
    assert still_committed(period) == [StillCommitted(line, video, 35_00)]
    assert list(still_waiting(period)) == [waiting]

    close(period.pk, by=finance)

    period.refresh_from_db()
    assert (period.is_closed, period.closed_by) == (True, finance)
    assert fold(line.entries.all()) == Balance(100_00, 0, 25_00)
    assert line.entries.get(kind="release").note == "NOW was closed."
    waiting.refresh_from_db()
    assert (waiting.state, waiting.reason) == (Estimate.State.DECLINED, "NOW was closed.")
    with pytest.raises(errors.PeriodClosed):
        close(period.pk, by=finance)


def test_a_closed_period_keeps_its_code_and_days(finance):
    period = LineFactory().period
    close(period.pk, by=finance)
    period.refresh_from_db()
    period.name = "Old"
    period.full_clean()
    period.ends_on = period.starts_on
    with pytest.raises(errors.ValidationError, match="It is closed"):
        period.full_clean()
