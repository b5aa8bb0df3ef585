"""What the admin shows of cuts: badges, progress, actions and places in the queue."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import (
    Avg,
    Case,
    Exists,
    IntegerField,
    Max,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.utils.timezone import now

from studio.people.models import User
from studio.ui.badges import Badge
from videos.media.access import may_change_captions, may_remove_cut, may_upload
from videos.media.admin.list_pictures import picture_url
from videos.media.jobs.actions import can_retry
from videos.media.jobs.embedded_captions import offered, remarks_on
from videos.media.jobs.progress import left_of
from videos.media.jobs.queue_estimate import starts
from videos.media.models import Caption, Cut, Job
from videos.media.uploads.removal import REMOVABLE, Removed, removed_from
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
# The number of recent jobs from which the typical speed is computed
LAST = 20


@dataclass(frozen=True)
class Place:
    """The place of a waiting job in the queue: 1 is next. `behind` is the cut before it."""

    number: int
    behind: Cut | None
    seconds: float | None  # until it begins, about


@dataclass(frozen=True)
class CutRow:
    """A cut as it is shown to one user in a list."""

    cut: Cut
    job: Job | None
    may_change: bool
    may_order: bool
    may_caption: bool
    may_remove: bool
    place: Place | None = None

    @property
    def badge(self) -> Badge:
        state = Cut.State(self.cut.state)
        return Badge(state.label, *LOOKS[state])

    @property
    def is_under_way(self) -> bool:
        return self.is_running or self.is_waiting

    @property
    def is_running(self) -> bool:
        return self.job is not None and self.job.state == Job.State.RUNNING

    @property
    def is_waiting(self) -> bool:
        return self.job is not None and self.job.state == Job.State.QUEUED

    @property
    def is_ready(self) -> bool:
        return self.cut.state == Cut.State.READY

    @property
    def picture(self) -> str:
        """Its small poster; "" while there is none."""
        return picture_url(self.cut)

    @property
    def has_small_version(self) -> bool:
        """Whether it can be watched in a small version, and not yet, or not ever, in full."""
        return self.cut.current_set is not None and not self.is_ready

    @property
    def tries(self) -> list[Job]:
        """The jobs that were to make it ready, newest first."""
        jobs: list[Job] = self.cut.newest_jobs  # type: ignore[attr-defined]
        return [job for job in jobs if job.kind == Job.Kind.FULL]

    @property
    def is_tried_again(self) -> bool:
        """Whether a person had it made from the start, after a try that came to nothing."""
        over = (Job.State.FAILED, Job.State.CANCELLED)
        return self.is_under_way and any(job.state in over for job in self.tries[1:2])

    @property
    def may_retry(self) -> bool:
        return self.may_change and can_retry(self.cut, next(iter(self.tries), None))

    @property
    def is_refused(self) -> bool:
        return self.cut.state == Cut.State.REFUSED

    @property
    def needs_another_file(self) -> bool:
        """Whether it came to nothing for what is in the file, so that no try can help."""
        failed = self.cut.state == Cut.State.FAILED
        return self.is_refused or (failed and not can_retry(self.cut, next(iter(self.tries), None)))

    @property
    def may_cancel(self) -> bool:
        return self.may_change and self.is_under_way

    @property
    def orders(self) -> list[tuple[int, Any]]:
        """The places in line that it may be given: value and word, without the one it has."""
        if not (self.may_order and self.is_waiting and self.job):
            return []
        now_at = self.job.priority
        return [(v, label) for v, label in reversed(Job.Priority.choices) if v != now_at]

    @property
    def newer(self) -> int | None:
        """The number of a newer cut of the same video, which may make this one needless."""
        newest, own = getattr(self.cut, "newest_number", None), self.cut.number
        return newest if self.is_under_way and newest and own and newest > own else None

    @property
    def why(self) -> str:
        """The reason of a failure: the cut's, or that of work on what is shown already."""
        if self.cut.reason or self.job is None:
            return self.cut.reason
        return self.job.reason if self.job.state == Job.State.FAILED else ""

    @property
    def remarks(self) -> list[str]:
        """What was decided about its source, in words."""
        return remarks_on(self.cut)

    @property
    def offers_captions(self) -> bool:
        """Whether there are captions inside of it that the user may take."""
        return self.may_caption and bool(offered(self.cut))

    @property
    def held_up(self) -> str:
        """What a waiting job waits for, other than its turn."""
        if self.is_waiting and self.job and self.job.not_before and self.job.not_before > now():
            return self.job.reason
        return ""

    @property
    def percent(self) -> int:
        """How far the job is, from 0 to 100."""
        return int(self.job.progress * 100) if self.job else 0

    @property
    def seconds_left(self) -> float | None:
        """Seconds until it is ready, at the present speed."""
        return seconds_left(self.job, self.cut) if self.job else None

    @property
    def length(self) -> float | None:
        """Seconds of the source, if it could be read."""
        return length_of(self.cut)


def length_of(cut: Cut) -> float | None:
    """Seconds of a cut's source, if it could be read."""
    seconds = cut.source_info.get("seconds")
    return float(seconds) if seconds else None


def seconds_left(job: Job, cut: Cut) -> float | None:
    """Seconds that a running job still takes, at its present speed."""
    length = length_of(cut)
    if not (job.speed and length):
        return None
    return length * left_of(job.progress_before, job.progress) / job.speed


def with_rows(cuts: QuerySet[Cut]) -> QuerySet[Cut]:
    """Cuts with all that their rows show, in few queries."""
    made = Job.objects.filter(kind__in=[Job.Kind.FULL, Job.Kind.AV1]).order_by("-pk")
    jobs = Prefetch("jobs", made, to_attr="newest_jobs")
    captions = Prefetch("captions", Caption.objects.without_texts())
    usable = [Cut.State.WAITING, Cut.State.WORKING, Cut.State.READY]
    newest = (
        Cut.objects.filter(video=OuterRef("video"), state__in=usable).order_by().values("video")
    )
    return (
        cuts.select_related("video", "uploaded_by", "current_set")
        .prefetch_related(jobs, captions, "current_set__renditions")
        .annotate(newest_number=Subquery(newest.annotate(most=Max("number")).values("most")))
    )


def in_order(cuts: QuerySet[Cut]) -> QuerySet[Cut]:
    """Cuts in the order of what needs a look: running, waiting as they stand in line, failed."""
    jobs = Job.objects.filter(cut=OuterRef("pk"), state__in=Job.OPEN).order_by("-pk")
    pressing = Case(
        When(Q(open_state=Job.State.RUNNING) | Q(state=Cut.State.WORKING), then=Value(0)),
        When(Q(open_state=Job.State.QUEUED) | Q(state=Cut.State.WAITING), then=Value(1)),
        When(state__in=[Cut.State.FAILED, Cut.State.REFUSED], then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    return cuts.annotate(
        open_state=Subquery(jobs.values("state")[:1]),
        open_priority=Subquery(jobs.values("priority")[:1]),
        open_queued=Subquery(jobs.values("queued_at")[:1]),
        open_job=Subquery(jobs.values("pk")[:1]),
        held_up=Exists(jobs.filter(state=Job.State.QUEUED, not_before__gt=now())),
    ).order_by(
        pressing, "held_up", "-open_priority", "open_queued", "open_job", "-uploaded_at", "-pk"
    )


def job_of(cut: Cut) -> Job | None:
    """Of a cut of `with_rows`: the job that is open, else the newest of the usual kind."""
    jobs: list[Job] = cut.newest_jobs  # type: ignore[attr-defined]
    opened = [job for job in jobs if job.state in Job.OPEN]
    usual = [job for job in jobs if job.kind == Job.Kind.FULL]
    return next(iter([*opened, *usual, *jobs]), None)


def places() -> dict[int, Place]:
    """The line: the place of every waiting job, by its id."""
    speed = typical_speed()
    running = Job.objects.filter(state=Job.State.RUNNING).select_related("cut__video")
    waiting = list(
        Job.objects.filter(state=Job.State.QUEUED)
        .exclude(not_before__gt=now())
        .select_related("cut__video")
        .order_by("-priority", "queued_at", "pk")
    )
    if not waiting:
        return {}
    left = [seconds_left(job, job.cut) or expected(job.cut, speed) for job in running]
    begins = starts(left, [expected(job.cut, speed) for job in waiting])
    before = [None, *(job.cut for job in waiting)]
    return {
        job.pk: Place(n, behind, begin if speed else None)
        for n, (job, behind, begin) in enumerate(zip(waiting, before, begins, strict=False), 1)
    }


def typical_speed() -> float | None:
    """Seconds of video that the studio makes in a second, of late."""
    ready = Job.objects.filter(state=Job.State.READY, kind=Job.Kind.FULL, speed__gt=0)
    last = ready.order_by("-ended_at").values_list("pk", flat=True)[:LAST]
    found: float | None = Job.objects.filter(pk__in=list(last)).aggregate(of=Avg("speed"))["of"]
    return found


def expected(cut: Cut, speed: float | None) -> float:
    """Seconds that the work on a cut takes, about."""
    return (length_of(cut) or 60.0) / (speed or 1.0)


def shown(
    cut: Cut, user: User | AnonymousUser, *, may: bool, line: dict[int, Place] | None = None
) -> CutRow:
    """A cut of `with_rows` for a user; `may` is whether they may upload to its video."""
    job = job_of(cut)
    return CutRow(
        cut=cut,
        job=job,
        may_change=may,
        may_order=user.has_perm("media.change_cut"),
        may_caption=may_change_captions(user) and cut.state != Cut.State.REFUSED,
        may_remove=cut.state in REMOVABLE and may_remove_cut(user, cut),
        place=(line or {}).get(job.pk) if job else None,
    )


def shown_to(cuts: Iterable[Cut], user: User | AnonymousUser) -> list[CutRow]:
    """Cuts of `with_rows`, of any videos, for a user."""
    cuts = list(cuts)
    mine = uploadable_videos(user, {cut.video_id for cut in cuts})
    line = places()
    return [shown(cut, user, may=cut.video_id in mine, line=line) for cut in cuts]


def uploadable_videos(user: User | AnonymousUser, videos: set[int]) -> set[int]:
    """Of these videos, those that the user may upload to; see `access.may_upload`."""
    if user.has_perm("media.change_cut"):
        return videos
    if not user.has_perm("media.add_cut"):
        return set()
    on_camera = Video.objects.filter(pk__in=videos, experts__user=user.pk)
    return set(on_camera.values_list("pk", flat=True))


def cuts_of(video: Video, user: User | AnonymousUser) -> list[CutRow]:
    """The cuts of a video with the files that were refused, the latest first."""
    may = may_upload(user, video)
    removed = Cut.everything.filter(video=OuterRef("video")).exclude(removed_at=None)
    rows = with_rows(Cut.objects.filter(video=video)).annotate(some_were_removed=Exists(removed))
    cuts = list(rows.order_by("-uploaded_at", "-pk"))
    waits = any(job.state == Job.State.QUEUED for cut in cuts if (job := job_of(cut)))
    line = places() if waits else {}
    return [shown(cut, user, may=may, line=line) for cut in cuts]


def removed_beside(rows: Sequence[CutRow], video: Video) -> Removed | None:
    """What was removed from the video whose `cuts_of` these are. It is asked only where there may
    be some: the page of a video asks for much."""
    if rows and not rows[0].cut.some_were_removed:  # type: ignore[attr-defined]
        return None
    return removed_from(video)


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
