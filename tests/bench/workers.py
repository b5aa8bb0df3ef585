"""How a long source scales: its pieces by one worker and by two, each on a core of its own.

`python -m tests.bench.workers [SECONDS]` prints one JSON document and PASS or FALLS SHORT. One
ffmpeg keeps several cores busy, so that two workers side by side on the same ones would show
nothing: each is held to one core, as if it were a machine. From what is measured, a source of an
hour is projected: pieces are alike whatever the length, so time grows with it and memory does not.
"""

import json
import multiprocessing
import os
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

import django

SECONDS, SPAN_SECONDS = 48, 8
LIMIT = 1.7  # times as fast with two
HOUR = 3600


def setup() -> None:
    """Django in each process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()


def settle_down(cores: "multiprocessing.Queue[int]") -> None:
    """A worker begins: on a core of its own."""
    setup()
    os.sched_setaffinity(0, {cores.get()})


def piece(work: tuple[str, str, int, str]) -> tuple[int, float, int]:
    """Make one span; (worker, processor seconds, peak in KiB) of its children so far."""
    from videos.media import chunks

    source, plan_text, number, folder = work
    plan = chunks.Plan.of_text(plan_text)
    place = Path(folder) / str(number)
    place.mkdir()
    chunks.make(Path(source), place, plan.facts, plan.rungs, plan.spans[number])
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return os.getpid(), used.ru_utime + used.ru_stime, used.ru_maxrss


def run(source: Path, cores: list[int]) -> dict[str, float]:
    """All spans by as many workers as there are cores, joined."""
    from videos.media import chunks, pipeline

    facts = pipeline.probe(source)
    plan = chunks.plan(facts, pipeline.full_ladder(facts), SPAN_SECONDS)
    folder = Path(tempfile.mkdtemp(prefix="workers-"))
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    for core in cores:
        queue.put(core)
    jobs = [(str(source), plan.as_text(), span.number, str(folder)) for span in plan.spans]
    try:
        with context.Pool(len(cores), settle_down, (queue,)) as pool:
            pool.map(abs, range(len(cores)))  # started, before the clock
            began = time.monotonic()
            made = pool.map(piece, jobs, chunksize=1)
            encoded = time.monotonic() - began
        whole = folder / "whole"
        whole.mkdir()
        chunks.join([folder / str(span.number) for span in plan.spans], whole, plan.rungs)
        joined = time.monotonic() - began - encoded
    finally:
        shutil.rmtree(folder)
    busy: dict[int, float] = {}
    for worker, processor, _peak in made:
        busy[worker] = max(processor, busy.get(worker, 0))
    return {
        "wall_seconds": round(encoded + joined, 2),
        "cpu_seconds_of_the_busiest": round(max(busy.values()), 2),
        "joining_seconds": round(joined, 3),
        "pieces": len(jobs),
        "peak_mib_of_one_worker": max(peak for _worker, _cpu, peak in made) // 1024,
    }


def main(seconds: int) -> int:
    """One worker, then two, on the same source."""
    setup()
    from tests.bench.clips import FULL_HD
    from tests.bench.first_set import repeated

    folder = Path(tempfile.gettempdir()) / "closing-shot-bench"
    folder.mkdir(exist_ok=True)
    clip = FULL_HD.path(folder)
    source, half = (repeated(clip, length, folder) for length in (seconds, seconds // 2))
    cores = sorted(os.sched_getaffinity(0))[:2]
    shorter = run(half, cores[:1])
    one, two = run(source, cores[:1]), run(source, cores)
    speed_up = one["wall_seconds"] / two["wall_seconds"]
    passed = len(cores) > 1 and speed_up >= LIMIT
    told = {
        "source_seconds": seconds,
        "one_worker": one,
        "two_workers": two,
        "speed_up": round(speed_up, 2),
        "speed_up_by_cpu": round(
            one["cpu_seconds_of_the_busiest"] / two["cpu_seconds_of_the_busiest"], 2
        ),
        "half_as_long": shorter,
        "an_hour": {
            "how": "wall time of the measured length, times 3600 by that length",
            "one_worker_minutes": round(one["wall_seconds"] * HOUR / seconds / 60),
            "two_workers_minutes": round(two["wall_seconds"] * HOUR / seconds / 60),
            "peak_mib_of_one_worker": one["peak_mib_of_one_worker"],
        },
    }
    verdict = "PASS" if passed else "FALLS SHORT"
    sys.stdout.write(f"{json.dumps(told, indent=1)}\n{verdict}\n")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else SECONDS))
