"""How cuts look in the admin: a word and an icon for each state, and how far they are."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch, QuerySet

from studio.people.models import User
from videos.media.access import may_change_captions, may_upload
from videos.media.acts import MAY_RETRY
from videos.media.models import Cut, Job
from videos.planning.badges import Badge
from videos.planning.models import Video

LOOKS = {
    Cut.State.WAITING: ("time", "quiet"),
    Cut.State.WORKING: ("cogs", "busy"),
    Cut.State.READY: ("check", "good"),
    Cut.State.FAILED: ("warning", "bad"),
    Cut.State.REFUSED: ("circle-xmark", "bad"),
    Cut.State.CANCELLED: ("cross", "quiet"),
}
UNDER_WAY = (Cut.State.WAITING, Cut.State.WORKING)


@dataclass(frozen=True)
class ShownCut:
    """A cut as its row shows it, to one user."""

    cut: Cut
    job: Job | None
    may_retry: bool
    may_caption: bool

    @property
    def badge(self) -> Badge:
        state = Cut.State(self.cut.state)
        return Badge(state.label, *LOOKS[state])

    @property
    def is_under_way(self) -> bool:
        return self.cut.state in UNDER_WAY

    @property
    def is_ready(self) -> bool:
        return self.cut.state == Cut.State.READY

    @property
    def percent(self) -> int:
        """How far the job is, from 0 to 100."""
        return int(self.job.progress * 100) if self.job else 0

    @property
    def seconds_left(self) -> float | None:
        """Seconds until it is ready, at the present speed."""
        seconds = self.cut.facts.get("seconds")
        if not (self.job and self.job.speed and seconds):
            return None
        return float(seconds) * (1 - self.job.progress) / self.job.speed

    @property
    def length(self) -> float | None:
        """Seconds of the source, if it could be read."""
        seconds = self.cut.facts.get("seconds")
        return float(seconds) if seconds else None


def with_rows(cuts: QuerySet[Cut]) -> QuerySet[Cut]:
    """Cuts with all that their rows show, in few queries."""
    made = Job.objects.exclude(kind="words").order_by("-pk")
    jobs = Prefetch("jobs", made, to_attr="newest_jobs")
    return cuts.select_related("video", "uploaded_by", "current_set").prefetch_related(
        jobs, "captions", "current_set__renditions"
    )


def shown(cut: Cut, user: User | AnonymousUser, *, may: bool) -> ShownCut:
    """A cut of `with_rows` for a user; `may` is whether they may upload to its video."""
    jobs: list[Any] = cut.newest_jobs  # type: ignore[attr-defined]
    return ShownCut(
        cut=cut,
        job=jobs[0] if jobs else None,
        may_retry=may and cut.state in MAY_RETRY,
        may_caption=may_change_captions(user) and cut.state != Cut.State.REFUSED,
    )


def cuts_of(video: Video, user: User | AnonymousUser) -> list[ShownCut]:
    """The cuts of a video, newest first."""
    may = may_upload(user, video)
    cuts = with_rows(Cut.objects.filter(video=video)).order_by("-number")
    return [shown(cut, user, may=may) for cut in cuts]


JOB_LOOKS = {
    Job.State.QUEUED: ("time", "quiet"),
    Job.State.RUNNING: ("cogs", "busy"),
    Job.State.READY: ("check", "good"),
    Job.State.FAILED: ("warning", "bad"),
    Job.State.CANCELLED: ("cross", "quiet"),
}


def jobs_of(cut: Cut) -> list[tuple[Job, Badge]]:
    """The work that was done on a cut, newest first, each with its state."""
    jobs = cut.jobs.order_by("-pk")
    return [(job, Badge(job.get_state_display(), *JOB_LOOKS[Job.State(job.state)])) for job in jobs]
