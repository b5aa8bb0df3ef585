"""What a studio keeps of what browsers send, written from the fine print (21 to 25) alone.

It imports nothing of the product but the values a report is made of. Instants are whole seconds
after BASE, so that they meet; messages come in any order, late, twice, and may lie.
"""

import datetime as dt
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random

from hypothesis import strategies as st

from videos.deals.attribution.input import (
    AttributionInput,
    Contact,
    Deal,
    ReportParams,
    Video,
    View,
)

BASE = dt.datetime(2026, 5, 4, 9, tzinfo=dt.UTC)
DURATIONS = {"V1": 60, "V2": 2}
PUBLISHED = {"V1": 0, "V2": 5}
LINKS = {  # token: video, contact, when it was made
    "one": ("V1", "C1", 0),
    "two": ("V2", "C1", 8),
    "other": ("V1", "C2", 4),
    "late": ("V1", "C1", 30),
}
END = 60  # nothing is sent later


def instant(seconds):
    return None if seconds is None else BASE + dt.timedelta(seconds=seconds)


@dataclass(frozen=True)
class Sent:
    """A report as it arrives. `watched` is how much of the video it says was played."""

    at: int
    view: str
    elapsed: int
    watched: int
    share: str | None = None
    viewer: str | None = None
    said_no: bool = False
    is_staff: bool = False
    is_bot: bool = False


@dataclass(frozen=True)
class Yes:
    """A visitor agrees to be remembered; `views` are those that their tab names."""

    at: int
    viewer: str
    views: tuple[str, ...]


@dataclass(frozen=True)
class SignIn:
    """Somebody of the studio signs in with the browser of a viewer."""

    at: int
    viewer: str


@dataclass
class CorrectionKept:
    """A view as it is kept."""

    video: str
    earliest: int
    share: str | None = None
    viewer: str | None = None
    identified_at: int | None = None
    said_no: bool = False
    counted_at: int | None = None
    excluded: bool = False
    watched: float = 0

    @property
    def start(self):
        made = LINKS[self.share][2] if self.share else 0
        return max(self.earliest, made, PUBLISHED[self.video])


@dataclass
class Studio:
    """Takes what is sent, one after the other."""

    views: dict[str, CorrectionKept] = field(default_factory=dict)
    staff: set[str] = field(default_factory=set)

    def take(self, sent):
        if isinstance(sent, SignIn):
            self.staff.add(sent.viewer)
        elif isinstance(sent, Yes):
            for view_id in sent.views:
                kept = self.views.get(view_id)
                viewerless = kept and kept.viewer is None and not kept.said_no
                if viewerless and sent.at - kept.start <= 86_400:
                    kept.viewer, kept.identified_at = sent.viewer, sent.at
        else:
            self.report(sent)

    def report(self, sent):
        video = "V2" if sent.view.startswith("two") else "V1"
        if sent.at < PUBLISHED[video]:
            return
        began = sent.at - min(sent.elapsed, 600)
        kept = self.views.setdefault(sent.view, CorrectionKept(video, began, viewer=sent.viewer))
        if sent.said_no and kept.counted_at is not None and (kept.share or kept.viewer):
            return
        if kept.counted_at is None:
            kept.earliest = min(kept.earliest, began)
            link = LINKS.get(sent.share)
            if kept.share is None and link and link[0] == video and link[2] <= sent.at:
                kept.share = sent.share
            kept.excluded |= sent.is_bot or sent.is_staff or kept.viewer in self.staff
            kept.said_no |= sent.said_no
            if kept.said_no:
                kept.share = kept.viewer = kept.identified_at = None
        most = 2 * (sent.at - kept.start) + 5
        kept.watched = max(kept.watched, min(sent.watched, DURATIONS[video], most))
        if kept.counted_at is None and kept.watched >= min(3, DURATIONS[video]):
            kept.counted_at = sent.at


def world_of(events, deals):
    """The values of a report after some events, in the order in which they arrived."""
    studio = Studio()
    for event in events:
        studio.take(event)
    return AttributionInput(
        videos=[Video(video, video, Decimal(DURATIONS[video])) for video in DURATIONS],
        views=[
            View(
                id=view_id,
                video=kept.video,
                started_at=instant(kept.start),
                seconds=Decimal(kept.watched),
                viewer=kept.viewer,
                contact=LINKS[kept.share][1] if kept.share else None,
                excluded=kept.excluded,
                counted_at=instant(kept.counted_at),
                identified_at=instant(kept.identified_at),
                share_link=kept.share,
            )
            for view_id, kept in studio.views.items()
        ],
        contacts=[Contact("C1"), Contact("C2")],
        deals=deals,
    )


def deals_closing(at):
    """A deal of either contact and one of both, all won at the same instant."""
    return [
        Deal(
            id="+".join(contacts),
            status="won",
            created_at=instant(-86_400),
            closed_at=instant(at),
            amount=Decimal(100),
            currency="EUR",
            contacts=contacts,
        )
        for contacts in (["C1"], ["C2"], ["C1", "C2"])
    ]


def params(as_of):
    return ReportParams(as_of=instant(as_of))


VIEWS = ["one-a", "one-b", "one-c", "two-a", "two-b"]
VIEWERS = ["B1", "B2"]


def event_of(dice):
    """One thing that arrives; most are reports, and most of those name neither link nor viewer."""
    at, kind = dice.randint(0, END), dice.random()
    if kind < 0.15:
        named = dice.sample(VIEWS, dice.randint(1, 3))
        return Yes(at, dice.choice(VIEWERS), tuple(named))
    if kind < 0.2:
        return SignIn(at, dice.choice(VIEWERS))
    return Sent(
        at=at,
        view=dice.choice(VIEWS),
        elapsed=dice.choice([*range(12), 604_000]),
        watched=dice.choice([0, 1, 2, 3, 3, 10, 60]),
        share=dice.choice([None] * 6 + list(LINKS)),
        viewer=dice.choice([None, None, None, *VIEWERS]),
        said_no=dice.random() < 0.05,
        is_staff=dice.random() < 0.03,
        is_bot=dice.random() < 0.03,
    )


def history_of(seed):
    """Everything that arrives, in the order in which it does: some of it twice, or late."""
    dice = Random(seed)
    sent = [event_of(dice) for _ in range(dice.choice([3, 12, 20, 30]))]
    sent += [replace(dice.choice(sent), at=dice.randint(0, END)) for _ in range(dice.randrange(5))]
    return sorted(sent, key=lambda event: event.at)


# Hypothesis picks the seeds; drawn one by one, its choices would leave most histories untouched.
histories = st.integers(0, 2**64 - 1).map(history_of)
moments = st.integers(0, END)
