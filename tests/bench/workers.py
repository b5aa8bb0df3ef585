"""How a long source scales: its pieces by one worker and by two, each on a core of its own.

One ffmpeg keeps several cores busy, so that two workers side by side on the same ones would show
nothing: each is held to one core, as if it were a machine. From what is measured, a source of an
hour is projected: pieces are alike whatever the length, so time grows with it and memory does not.
"""

import multiprocessing
import os
import resource
import shutil
import time
from collections.abc import Iterator
from multiprocessing.queues import Queue
from pathlib import Path
from typing import NamedTuple

import django

from tests.bench.figures import Figure, measurement

SECONDS, SPAN_SECONDS = 48, 8
LEAST = 1.7  # times as fast with two
HOUR = 3600


class Ran(NamedTuple):
    """All pieces of a source: seconds in all and of joining alone, GiB of the largest worker."""

    wall: float
    joining: float
    peak_gib: float


def settle_down(cores: "Queue[int]") -> None:
    """A worker begins: on a core of its own."""
    django.setup()
    os.sched_setaffinity(0, {cores.get()})


def piece(work: tuple[str, str, int, str]) -> int:
    """Make one span; returns the peak in KiB of this worker's tools so far."""
    from videos.media.transcoding import chunks

    source, plan_text, number, folder = work
    plan = chunks.Plan.from_text(plan_text)
    place = Path(folder) / str(number)
    place.mkdir()
    chunks.encode_span(Path(source), place, plan.info, plan.rungs, plan.spans[number])
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


def run(source: Path, cores: list[int], folder: Path) -> Ran:
    """All spans by as many workers as there are cores, joined."""
    from videos.media.transcoding import chunks, pipeline

    facts = pipeline.probe(source)
    plan = chunks.make_plan(facts, pipeline.full_ladder(facts), SPAN_SECONDS)
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    for core in cores:
        queue.put(core)
    folder.mkdir()
    jobs = [(str(source), plan.as_text(), span.number, str(folder)) for span in plan.spans]
    with context.Pool(len(cores), settle_down, (queue,)) as pool:
        pool.map(abs, range(len(cores)))  # started, before the clock
        began = time.monotonic()
        peaks = pool.map(piece, jobs, chunksize=1)
        encoded = time.monotonic() - began
    whole = folder / "whole"
    whole.mkdir()
    chunks.join_spans([folder / str(span.number) for span in plan.spans], whole, plan.rungs)
    wall = time.monotonic() - began
    shutil.rmtree(folder)
    return Ran(wall, wall - encoded, max(peaks) / 1024**2)


@measurement("workers")
def workers(clips: Path, folder: Path) -> Iterator[Figure]:
    """One worker, then two, on the same source; and one on half of it, for what length costs."""
    from tests.bench.clips import FULL_HD
    from tests.bench.first_set import repeated

    source, half = (repeated(FULL_HD, clips, seconds) for seconds in (SECONDS, SECONDS // 2))
    cores = sorted(os.sched_getaffinity(0))[:2]
    shorter = run(half, cores[:1], folder / "half")
    one, two = run(source, cores[:1], folder / "one"), run(source, cores, folder / "two")
    group = f"{SECONDS} s at 1080p in pieces, a core a worker"
    yield Figure(group, "one worker, wall", one.wall, "s")
    yield Figure(group, "two workers, wall", two.wall, "s")
    yield Figure(group, "joining, of that", two.joining, "s")
    yield Figure(group, "times as fast with two", one.wall / two.wall, least=LEAST)
    yield Figure(group, "wall, whole by half the length", one.wall / shorter.wall)
    yield Figure(group, "peak memory of a worker", max(one.peak_gib, two.peak_gib), "GiB")
    yield Figure(group, "peak memory, whole by half", one.peak_gib / shorter.peak_gib)
    hour = HOUR / SECONDS / 60
    yield Figure(group, "an hour, projected, one worker", one.wall * hour, "min")
    yield Figure(group, "an hour, projected, two workers", two.wall * hour, "min")
