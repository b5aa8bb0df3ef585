"""The state of a video, from which its next step is derived: plain values from several apps."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from videos.planning.models import Stage
from videos.planning.next_step.actions import Assignees, Person

# What tells who does a producer's work
PRODUCER_PERMISSION = "planning.move_video"


@dataclass(frozen=True)
class ShootState:
    """The shoot that matters now: the current one, the next one, or else the last one.

    `has_begun` is whether it, or an earlier one of the same video, has started.
    """

    when: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    people: tuple[Person, ...]
    url: str
    has_begun: bool = False


@dataclass(frozen=True)
class EstimateState:
    """The estimate of a planned video: `none`, `draft`, `requested` or `declined`.

    `writers` may not decide on it, because they wrote it.
    """

    state: str
    ask_url: str
    decide_url: str
    writers: frozenset[int] = frozenset()
    since: dt.datetime | None = None


@dataclass(frozen=True)
class FileState:
    """An upload or a cut that is not ready.

    `state`: `uploading`, `stopped`, `making`, `failed`, `refused` or `cancelled`. `name` is its
    name within a sentence.
    """

    state: str
    name: str
    by: Person
    url: str
    reason: str = ""
    since: dt.datetime | None = None


@dataclass(frozen=True)
class ReviewState:
    """The newest cut that can be watched: `waiting`, `approved` or `changes`.

    `reviewers` are the experts on camera who may approve; `reviewer` gave the last verdict.
    """

    state: str
    number: int
    url: str
    reviewers: tuple[Person, ...] = ()
    uploader: int | None = None
    reviewer: str = ""
    open_comments: int = 0
    has_reviewers: bool = True
    since: dt.datetime | None = None


@dataclass(frozen=True)
class PageState:
    """The public page: what is live, what is approved, and what is scheduled.

    `public_number` and `approved_number` are numbers of cuts: the public one, and the approved one
    if that is not public; `is_older` says that the approved one is older.
    """

    url: str
    create_url: str
    exists: bool = False
    live: bool = False
    public_number: int | None = None
    approved_number: int | None = None
    is_older: bool = False
    goes_live_at: dt.datetime | None = None
    expires_at: dt.datetime | None = None


@dataclass(frozen=True)
class AudienceState:
    """Where to share a public video, and where its playback problem is shown.

    `problem_url` is empty unless viewers reported one.
    """

    share_url: str
    problem_url: str = ""


@dataclass(frozen=True)
class VideoState:
    """Everything that the next step of a video depends on.

    `producer` is its producer if they may do that work, else None; `missing` is what an idea needs
    to be planned; `because` is why a video was cancelled. A part is None if its app has none.
    """

    stage: Stage
    now: dt.datetime
    imported: bool = False
    producer: Person | None = None
    experts: tuple[Person, ...] = ()
    missing: str | None = None
    because: str = ""
    links: Mapping[str, str] = field(default_factory=dict)
    booking: ShootState | None = None
    estimate: EstimateState | None = None
    files: tuple[FileState, ...] = ()
    review: ReviewState | None = None
    page: PageState | None = None
    audience: AudienceState | None = None

    @property
    def who(self) -> str:
        """The producer, within a sentence."""
        return self.producer.name if self.producer else _("a producer")

    def producers(self, permission: str = PRODUCER_PERMISSION) -> tuple[Assignees, ...]:
        """The producer, or all producers if it has none."""
        return (Assignees((self.producer,) if self.producer else None, permission),)
