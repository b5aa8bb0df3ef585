"""How soon a long cut can be watched: its first set, against a plain decode of the source.

`python -m tests.bench.first_set [SECONDS]` prints one JSON document and PASS or FALLS SHORT. The
source is the talking head at 1080p, repeated without encoding it again. Everything counts: the
look into the file, loudness, pictures, sound, poster, storyboard, packaging, verification.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import django

LIMIT = 2.0
SECONDS = 600
ROUNDS = 2


def repeated(clip: Path, seconds: int, folder: Path) -> Path:
    """The clip over and over, as long as asked for, by stream copy."""
    from videos.media import binaries

    path = folder / f"{clip.stem}-for-{seconds}s.mp4"
    if not path.exists():
        unfinished = path.with_suffix(".part.mp4")
        subprocess.run(
            [
                *(binaries.ffmpeg(), "-v", "error", "-nostdin", "-y"),
                *("-stream_loop", "-1", "-i", clip, "-c", "copy", "-t", str(seconds), unfinished),
            ],
            check=True,
        )
        unfinished.rename(path)
    return path


def measured(work: Callable[[], object]) -> dict[str, float]:
    """Wall and processor seconds of some work, its children's included."""

    def processor() -> float:
        times = os.times()
        return times.user + times.system + times.children_user + times.children_system

    began, used = time.monotonic(), processor()
    work()
    return {
        "wall_seconds": round(time.monotonic() - began, 2),
        "cpu_seconds": round(processor() - used, 2),
    }


def decode(source: Path) -> None:
    """What the limit is counted in."""
    from videos.media import binaries

    command = [binaries.ffmpeg(), "-v", "error", "-nostdin", "-i", source, "-f", "null", "-"]
    subprocess.run(command, check=True)


def first_set(source: Path) -> None:
    """What a worker does before a cut can be watched."""
    from videos.media import pipeline

    folder = Path(tempfile.mkdtemp(prefix="first-set-"))
    try:
        pipeline.make(source, folder, pipeline.probe(source), quick=True)
    finally:
        shutil.rmtree(folder)


def main(seconds: int) -> int:
    """Both, in turn; the better round of each counts."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from tests.bench.clips import FULL_HD

    folder = Path(tempfile.gettempdir()) / "closing-shot-bench"
    folder.mkdir(exist_ok=True)
    source = repeated(FULL_HD.path(folder), seconds, folder)
    rounds = [
        (measured(lambda: decode(source)), measured(lambda: first_set(source)))
        for _ in range(ROUNDS)
    ]
    plain, made = (
        {key: min(one[place][key] for one in rounds) for key in rounds[0][place]}
        for place in (0, 1)
    )
    ratio = made["wall_seconds"] / plain["wall_seconds"]
    passed = ratio <= LIMIT
    told = {
        "source_seconds": seconds,
        "source_bytes": source.stat().st_size,
        "plain_decode": plain,
        "first_set": made,
        "wall_ratio": round(ratio, 2),
        "cpu_ratio": round(made["cpu_seconds"] / plain["cpu_seconds"], 2),
        "limit": LIMIT,
        "peak_mib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
    }
    verdict = "PASS" if passed else "FALLS SHORT"
    sys.stdout.write(f"{json.dumps(told, indent=1)}\n{verdict}\n")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else SECONDS))
