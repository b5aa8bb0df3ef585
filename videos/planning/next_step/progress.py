"""The progress bar of a video: its stages, and when it reached them. Pure."""

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

from videos.planning.models import Stage

STAGE_ORDER = (
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
PUBLIC_STAGES = (Stage.PUBLISHED, Stage.RETIRED)
# Stages in which somebody or something is always awaited
ACTIVE_STAGES = tuple(stage for stage in STAGE_ORDER if stage not in PUBLIC_STAGES)


class ProgressStep(NamedTuple):
    """One stage: `done`, `here` or `ahead`, and when the video reached it."""

    stage: Stage
    state: str
    since: dt.datetime | None

    @property
    def label(self) -> str:
        return str(self.stage.label)


def progress_steps(
    stage: Stage, *, reached: Mapping[str, dt.datetime], left_from: str | None = None
) -> list[ProgressStep]:
    """The progress of a video in `stage`.

    `reached` has the last time it came to each stage; `left_from` is where a cancelled one was.
    """
    ended = stage not in STAGE_ORDER
    last = {Stage.RETIRED: Stage.PUBLISHED}.get(stage, Stage(left_from or Stage.IDEA))
    here = STAGE_ORDER.index(last) if ended else STAGE_ORDER.index(stage)

    def state(place: int) -> str:
        if place < here or (ended and place == here):
            return "done"
        return "here" if place == here else "ahead"

    return [
        ProgressStep(one, state(place), reached.get(one) if place <= here else None)
        for place, one in enumerate(STAGE_ORDER)
    ]
