"""Two people at the same instant, on connections of their own."""

from threading import Barrier, Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from budgets.balance import Balance, balance_of
from budgets.ledger import committed_to, greenlight, post_expense, set_approved
from budgets.models import Entry, Estimate, Line
from budgets.periods import close
from studio.people.roles import Role, apply_grants, last_to_migrate
from tests.budgets.factories import LineFactory, estimate, greenlit
from tests.factories import UserFactory
from videos.planning.models import Stage, Video
from videos.planning.stages import change_stage

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def roles(transactional_db):
    """Emptied databases have lost their groups."""
    apply_grants(sender=last_to_migrate())


def at_once(*acts):
    """Runs every act in a thread of its own; what each returned, or the refusal it raised."""
    barrier = Barrier(len(acts))
    results = [None] * len(acts)

    def run(index, act):
        barrier.wait()
        try:
            results[index] = act()
        except ValidationError as refusal:
            results[index] = refusal
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    return results


def codes(results):
    return sorted(
        result.code if isinstance(result, ValidationError) else "done" for result in results
    )


def balance(line: Line) -> Balance:
    line.refresh_from_db()
    folded = balance_of(line.entries.all())
    assert (line.approved, line.available) == (folded.approved, folded.available)
    return folded


def test_concurrent_approvals_never_promise_more_than_the_line_has():
    line = LineFactory(approved=100_00)
    finance = UserFactory(role=Role.FINANCE)
    waiting = [estimate((line, 30_00)) for _ in range(5)]

    results = at_once(*(lambda pk=row.pk: greenlight(pk, by=finance) for row in waiting))

    assert codes(results) == ["done"] * 3 + ["line_exceeded"] * 2
    assert balance(line) == Balance(100_00, 90_00, 0)
    assert Video.objects.filter(stage=Stage.GREENLIT).count() == 3


def test_approved_is_committed_and_spent_and_available_also_under_concurrent_approvals():
    """Greenlights, an expense, a cut of the line and the end of a video, whoever comes first."""
    line = LineFactory(approved=100_00)
    finance = UserFactory(role=Role.FINANCE)
    filmed, dropped = greenlit((line, 20_00)), greenlit((line, 10_00))
    waiting = [estimate((line, 30_00)) for _ in range(3)]

    results = at_once(
        *(lambda pk=row.pk: greenlight(pk, by=finance) for row in waiting),
        lambda: set_approved(line.pk, 85_00, by=finance, reason="Cut by the board"),
        lambda: post_expense(line.pk, filmed.pk, 25_00, by=finance),
        lambda: change_stage(dropped.pk, Stage.CANCELLED, room="planning", by=finance),
    )

    assert set(codes(results)) <= {"done", "line_exceeded", "approved_too_low"}
    folded = balance(line)  # what is kept beside the entries is what they add up to
    assert folded.approved == folded.committed + folded.spent + folded.available
    assert folded.available >= 0
    given = sum(not isinstance(result, ValidationError) for result in results[:3])
    spent = 25_00 if not isinstance(results[4], ValidationError) else 0
    left = 0 if spent else 20_00
    assert (folded.committed, folded.spent) == (given * 30_00 + left, spent)


def test_two_people_greenlight_one_estimate_once():
    line = LineFactory(approved=100_00)
    waiting = estimate((line, 30_00))
    people = [UserFactory(role=Role.FINANCE) for _ in range(2)]

    results = at_once(*(lambda by=by: greenlight(waiting.pk, by=by) for by in people))

    assert codes(results) == ["done", "estimate_not_waiting"]
    assert balance(line) == Balance(100_00, 30_00, 0)


def test_greenlights_over_the_same_lines_in_any_order_do_not_wait_for_ever():
    one, two = LineFactory(approved=100_00), LineFactory(approved=100_00)
    finance = UserFactory(role=Role.FINANCE)
    waiting = [estimate(*pair) for pair in [((one, 1_00), (two, 1_00)), ((two, 1_00), (one, 1_00))]]
    waiting += [estimate((two, 1_00)), estimate((one, 1_00))]

    results = at_once(*(lambda pk=row.pk: greenlight(pk, by=finance) for row in waiting))

    assert codes(results) == ["done"] * 4
    assert balance(one) == balance(two) == Balance(100_00, 3_00, 0)


def test_concurrent_expenses_draw_a_commitment_down_once():
    line = LineFactory(approved=100_00)
    finance = UserFactory(role=Role.FINANCE)
    video = greenlit((line, 60_00))

    results = at_once(
        *[lambda: post_expense(line.pk, video.pk, 40_00, by=finance) for _ in range(3)]
    )

    assert codes(results) == ["done", "done", "line_exceeded"]
    assert balance(line) == Balance(100_00, 0, 80_00)


def test_one_invoice_sent_by_two_people_is_posted_once_and_asked_about_once():
    line, other = LineFactory(approved=100_00), LineFactory(approved=100_00)
    finance = UserFactory(role=Role.FINANCE)
    videos = [greenlit((line, 10_00)), greenlit((other, 10_00))]
    sent = {"by": finance, "supplier": "Crew Ltd", "invoice": "R-7", "check_similar": True}

    results = at_once(
        lambda: post_expense(line.pk, videos[0].pk, 40_00, **sent),
        lambda: post_expense(other.pk, videos[1].pk, 40_00, **sent),
    )

    assert codes(results) == ["done", "similar_expense"]
    (posted,) = Entry.objects.filter(kind="expense")
    (refusal,) = (result for result in results if isinstance(result, ValidationError))
    assert refusal.entry == posted


def test_an_expense_and_the_end_of_its_video_leave_nothing_committed():
    line = LineFactory(approved=100_00)
    finance = UserFactory(role=Role.FINANCE)
    video = greenlit((line, 60_00))

    at_once(
        lambda: post_expense(line.pk, video.pk, 25_00, by=finance),
        lambda: change_stage(video.pk, Stage.CANCELLED, room="planning", by=finance),
    )

    assert committed_to(video.pk) == {}
    assert balance(line) == Balance(100_00, 0, 25_00)


def test_a_period_that_closes_while_money_is_promised_keeps_no_promise():
    line = LineFactory(approved=100_00)
    finance = UserFactory(role=Role.FINANCE)
    waiting = estimate((line, 30_00))

    results = at_once(
        lambda: greenlight(waiting.pk, by=finance), lambda: close(line.period_id, by=finance)
    )

    assert codes(results) in (["done", "done"], ["done", "estimate_not_waiting"])
    assert balance(line) == Balance(100_00)
    waiting.refresh_from_db()
    assert waiting.state in (Estimate.State.GREENLIT, Estimate.State.DECLINED)
