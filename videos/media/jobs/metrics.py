"""Metrics of jobs and storage for monitoring."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, DurationField, ExpressionWrapper, F, Min, Q, QuerySet, Sum
from django.utils.timezone import now

from videos.media.models import Cut, Job, RenditionSet

WAIT_SECONDS = (1, 5, 15, 60, 300, 900, 3600, 4 * 3600)
WORK_SECONDS = (5, 15, 60, 300, 900, 3600, 4 * 3600)
SPEEDS = (0.1, 0.25, 0.5, 1, 2, 4, 8, 16)


@dataclass(frozen=True)
class Histogram:
    """How many values are at most each bound, with their count and sum."""

    buckets: tuple[tuple[float, int], ...]
    count: int
    sum: float


@dataclass(frozen=True)
class Numbers:
    """The metrics at one time, in seconds and bytes. Speeds are multiples of real time."""

    jobs: dict[tuple[str, str], int]  # by kind and state, each pair
    oldest_wait: float
    failures: dict[tuple[str, str], int]  # by kind and code
    wait: Histogram
    work: Histogram
    speed: Histogram
    attempts: int
    set_bytes: dict[str, int]
    source_bytes: int


def numbers() -> Numbers:
    """Query all metrics."""
    waited = ExpressionWrapper(F("started_at") - F("queued_at"), output_field=DurationField())
    worked = ExpressionWrapper(F("ended_at") - F("started_at"), output_field=DurationField())
    jobs = Job.objects.order_by()
    started = jobs.filter(started_at__gte=F("queued_at")).annotate(value=waited)
    ready = jobs.filter(state=Job.State.READY, started_at__isnull=False)
    return Numbers(
        jobs=by_kind_and_state(),
        oldest_wait=oldest_wait(),
        failures={
            (kind, code or "unknown"): count
            for kind, code, count in jobs.filter(state=Job.State.FAILED)
            .values_list("kind", "failure")
            .annotate(Count("pk"))
        },
        wait=of_durations(started, WAIT_SECONDS),
        work=of_durations(ready.annotate(value=worked), WORK_SECONDS),
        speed=of_speeds(ready.filter(speed__isnull=False).annotate(value=F("speed")), SPEEDS),
        attempts=jobs.aggregate(all=Sum("attempts"))["all"] or 0,
        set_bytes=dict(RenditionSet.objects.order_by().values_list("kind").annotate(Sum("bytes"))),
        source_bytes=Cut.objects.aggregate(all=Sum("source_bytes"))["all"] or 0,
    )


def by_kind_and_state() -> dict[tuple[str, str], int]:
    """The number of jobs for each (kind, state), also where it is 0."""
    counts = {(kind, state): 0 for kind in Job.Kind.values for state in Job.State.values}
    rows = Job.objects.order_by().values_list("kind", "state").annotate(Count("pk"))
    return counts | {(kind, state): count for kind, state, count in rows}


def oldest_wait() -> float:
    """The age in seconds of the oldest waiting job; 0 if there is none."""
    waiting = Job.objects.filter(state=Job.State.QUEUED)
    oldest: dt.datetime | None = waiting.aggregate(oldest=Min("queued_at"))["oldest"]
    return max(0.0, (now() - oldest).total_seconds()) if oldest else 0.0


def of_durations(rows: QuerySet[Job], bounds: Sequence[float]) -> Histogram:
    """The histogram of `value`, a duration, in seconds."""
    limits = [dt.timedelta(seconds=bound) for bound in bounds]
    found = rows.aggregate(count=Count("pk"), sum=Sum("value"), **at_most(limits))
    total = found["sum"] or dt.timedelta()
    return histogram(found, bounds, total.total_seconds())


def of_speeds(rows: QuerySet[Job], bounds: Sequence[float]) -> Histogram:
    """The histogram of `value`, a number."""
    found = rows.aggregate(count=Count("pk"), sum=Sum("value"), **at_most(bounds))
    return histogram(found, bounds, found["sum"] or 0.0)


def at_most(limits: Sequence[object]) -> dict[str, Count]:
    """A count for each limit, of the values up to it."""
    return {f"upto{n}": Count("pk", filter=Q(value__lte=limit)) for n, limit in enumerate(limits)}


def histogram(found: dict[str, int], bounds: Sequence[float], total: float) -> Histogram:
    """A histogram from the counts of the database."""
    buckets = tuple((bound, found[f"upto{n}"]) for n, bound in enumerate(bounds))
    return Histogram(buckets, found["count"], total)
