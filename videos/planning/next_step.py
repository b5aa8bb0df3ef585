"""What comes next for a video, and for whom: pure, on plain values."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from videos.planning.models import Stage

# The way of a video, for the line of steps on its page
WAY = (
    Stage.IDEA,
    Stage.PLANNED,
    Stage.GREENLIT,
    Stage.SCHEDULED,
    Stage.SHOT,
    Stage.EDITING,
    Stage.REVIEW,
    Stage.APPROVED,
    Stage.PUBLISHED,
)

# The room that makes the next move; its panel is where to go
NEXT_ROOM = {
    Stage.PLANNED: "budgets",
    Stage.EDITING: "media",
    Stage.REVIEW: "review",
    Stage.APPROVED: "publishing",
    Stage.PUBLISHED: "publishing",
    Stage.RETIRED: "publishing",
}


class Step(NamedTuple):
    """One step of the way: `done`, `here` or `ahead`, and when the video came there."""

    stage: Stage
    state: str
    since: dt.datetime | None

    @property
    def label(self) -> str:
        return str(self.stage.label)


def steps(
    stage: Stage, *, reached: Mapping[str, dt.datetime], left_from: str | None = None
) -> list[Step]:
    """The way of a video that stands in `stage`.

    `reached` says when it last came to each stage; `left_from` is where a cancelled one stood.
    """
    ended = stage not in WAY
    last = {Stage.RETIRED: Stage.PUBLISHED}.get(stage, Stage(left_from or Stage.IDEA))
    here = WAY.index(last) if ended else WAY.index(stage)

    def state(place: int) -> str:
        if place < here or (ended and place == here):
            return "done"
        return "here" if place == here else "ahead"

    return [
        Step(one, state(place), reached.get(one) if place <= here else None)
        for place, one in enumerate(WAY)
    ]


def waits_for(
    stage: Stage, *, experts: Sequence[str], producer: str, shoot: str, missing: str | None
) -> str:
    """What a video waits for, and for whom, in one sentence.

    `experts` and `producer` are names, `shoot` the time of the next booked one ("" for none), and
    `missing` what it lacks to be planned.
    """
    names = get_text_list(list(experts), _("and"))
    either = get_text_list([*experts, _("a sales manager")], _("or"))
    who = producer or _("the producer")
    sentences = {
        Stage.IDEA: missing or _("All is there. It waits for somebody to plan it."),
        Stage.PLANNED: _("It waits for finance to greenlight its estimate."),
        Stage.GREENLIT: _("It waits for a shoot with %(names)s.") % {"names": names}
        if names
        else _("It waits for a shoot."),
        Stage.SCHEDULED: _("The shoot is on %(when)s.") % {"when": shoot}
        if shoot
        else _("It waits for %(who)s to say that it was shot.") % {"who": who},
        Stage.SHOT: _("It waits for %(who)s to edit it.") % {"who": who},
        Stage.EDITING: _("It waits for %(who)s to upload a cut.") % {"who": who},
        Stage.REVIEW: _("It waits for %(either)s to watch the cut and approve it.")
        % {"either": either},
        Stage.APPROVED: _("It waits for %(who)s to publish it.") % {"who": who},
        Stage.PUBLISHED: _("It is published."),
        Stage.RETIRED: _("It was published, and is no longer."),
        Stage.CANCELLED: _("It was cancelled."),
    }
    return sentences[stage]
