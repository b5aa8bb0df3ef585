import datetime as dt

import pytest

from videos.planning.models import Stage
from videos.planning.next_step.progress import STAGE_ORDER, progress_steps

MONDAY = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)


def states(*args, **kwargs):
    return [step.state for step in progress_steps(*args, reached={}, **kwargs)]


@pytest.mark.parametrize("place", range(len(STAGE_ORDER)))
def test_a_video_has_done_the_steps_before_the_one_where_it_is(place):
    ahead = ["ahead"] * (len(STAGE_ORDER) - place - 1)
    assert states(STAGE_ORDER[place]) == ["done"] * place + ["here", *ahead]


def test_a_retired_video_has_done_all_and_a_cancelled_one_those_before_its_end():
    assert states(Stage.RETIRED) == ["done"] * 9
    assert states(Stage.CANCELLED, left_from="greenlit") == ["done"] * 3 + ["ahead"] * 6


def test_a_step_says_since_when_but_not_for_one_that_was_left_backwards():
    line = progress_steps(Stage.PLANNED, reached={"planned": MONDAY, "greenlit": MONDAY})
    assert [step.since for step in line] == [None, MONDAY] + [None] * 7
