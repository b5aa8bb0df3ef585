"""How soon a long cut can be watched: its first set, against a plain decode of the source.

The source is the talking head at 1080p for ten minutes, repeated without encoding it again.
Everything counts: the look into the file, loudness, pictures, sound, poster, storyboard, packaging,
verification.
"""

import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.bench.clips import FULL_HD, Clip
from tests.bench.figures import Figure, measurement
from tests.bench.measure import used, used_by
from videos.media.transcoding import pipeline
from videos.media.transcoding.sandbox import binaries

SECONDS = 600
MOST = 2.0


def repeated(clip: Clip, clips: Path, seconds: int) -> Path:
    """The clip over and over in `clips`, as long as asked for, by stream copy."""
    once = clip.path(clips)
    path = clips / f"{once.stem}-for-{seconds}s.mp4"
    if not path.exists():
        unfinished = path.with_suffix(".part.mp4")
        subprocess.run(
            [
                *(binaries.ffmpeg(), "-v", "error", "-nostdin", "-y", "-stream_loop", "-1"),
                *("-i", str(once), "-c", "copy", "-t", str(seconds), str(unfinished)),
            ],
            check=True,
        )
        unfinished.rename(path)
    return path


@measurement("first-set")
def first_set(clips: Path, folder: Path) -> Iterator[Figure]:
    """What a worker does before a cut of ten minutes can be watched, by a plain decode of it."""
    source = repeated(FULL_HD, clips, SECONDS)
    decode = [binaries.ffmpeg(), "-v", "error", "-nostdin", "-i", str(source), "-f", "null", "-"]
    plain = used_by(decode)
    made = used(partial(small_set, source, folder))
    group = "first set of ten minutes, 1080p"
    yield Figure(group, "plain decode, wall", plain.wall, "s")
    yield Figure(group, "first set, wall", made.wall, "s")
    yield Figure(group, "wall, first set by decode", made.wall / plain.wall, most=MOST)
    yield Figure(group, "processor time, first set by decode", made.cpu / plain.cpu)
    yield Figure(group, "peak memory", made.peak_gib, "GiB")


def small_set(source: Path, folder: Path) -> None:
    """The first set in `folder`, from the look into the file on."""
    pipeline.create_set(source, folder, pipeline.probe(source), quick=True)
