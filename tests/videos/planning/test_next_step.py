import datetime as dt

import pytest

from videos.planning.models import Stage
from videos.planning.next_step import WAY, steps, waits_for

MONDAY = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)


def states(*args, **kwargs):
    return [step.state for step in steps(*args, reached={}, **kwargs)]


@pytest.mark.parametrize("place", range(len(WAY)))
def test_a_video_has_done_the_steps_before_the_one_where_it_is(place):
    ahead = ["ahead"] * (len(WAY) - place - 1)
    assert states(WAY[place]) == ["done"] * place + ["here", *ahead]


def test_a_retired_video_has_done_all_and_a_cancelled_one_those_before_its_end():
    assert states(Stage.RETIRED) == ["done"] * 9
    assert states(Stage.CANCELLED, left_from="greenlit") == ["done"] * 3 + ["ahead"] * 6


def test_a_step_says_since_when_but_not_for_one_that_was_left_backwards():
    line = steps(Stage.PLANNED, reached={"planned": MONDAY, "greenlit": MONDAY})
    assert [step.since for step in line] == [None, MONDAY] + [None] * 7


def waits(stage, **fields):
    known = {"experts": [], "producer": "", "shoot": "", "missing": None} | fields
    return waits_for(stage, **known)


def test_it_says_what_is_waited_for_and_for_whom():
    assert waits(Stage.IDEA, missing="It needs a day.") == "It needs a day."
    assert waits(Stage.PLANNED) == "It waits for finance to greenlight its estimate."
    assert waits(Stage.GREENLIT, experts=["Ada", "Ben"]) == "It waits for a shoot with Ada and Ben."
    assert waits(Stage.SCHEDULED, shoot="Monday, 10:00") == "The shoot is on Monday, 10:00."
    assert waits(Stage.EDITING, producer="Pia") == "It waits for Pia to upload a cut."
    assert waits(Stage.REVIEW, experts=["Ada"]) == (
        "It waits for Ada or a sales manager to watch the cut and approve it."
    )


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_has_its_sentence(stage):
    assert waits(stage).endswith(".")
