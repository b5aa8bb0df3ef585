"""The encode against its peers, on clips unlike each other, and its memory over a video's length.

Of each clip all rivals run one after the other, so that a machine that is busy is busy for all.
"""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path

from tests.bench import peers
from tests.bench.clips import LONG, RATE, SHORT, UNLIKE, Clip
from tests.bench.figures import Figure, measurement, summary
from tests.bench.measure import Used, used, used_by
from tests.bench.quality import vmaf
from videos.media.transcoding import pipeline
from videos.media.transcoding.ladder import Rung, ladder
from videos.media.transcoding.probing.probe import probe

MOST_OF_PEERS, MOST_OF_PEERS_IN_ALL = 0.50, 0.40
MOST_OF_PLAIN, MOST_BYTES, MOST_VMAF_LOST = 1.15, 1.00, 0.3
WALL, BYTES = "wall, ours by peers", "bytes, ours by peers"
HIGHEST, SMALL = "at the highest size", "at 480 lines"
MOST_GIB = {1080: 1.5, 2160: 3.0}
MOST_GROWTH = 1.10  # three times the length may take a tenth more memory: what a machine's mood is


def measures(clip: Clip) -> None:
    """Register the figures of one clip as `encode-`, its name and its lines."""

    @measurement(f"encode-{clip.name}-{clip.height}")
    def measure(clips: Path, folder: Path) -> Iterator[Figure]:
        yield from against_peers(clip, clips, folder)


for unlike in UNLIKE:
    measures(unlike)


@summary
def worst(figures: Sequence[Figure]) -> Iterator[Figure]:
    """The worst of every figure that the clips have in common, and where; the mean of the walls."""
    walls = [figure.value for figure in figures if figure.name == WALL]
    if len(walls) < len(UNLIKE):  # of some clips there is no worst
        return
    group = f"the worst of {len(walls)} clips"
    lost = [f"VMAF {where}, ours less peers" for where in (HIGHEST, SMALL)]
    for name, choose in [(WALL, max), (BYTES, max), *((name, min) for name in lost)]:
        one = choose((f for f in figures if f.name == name), key=lambda figure: figure.value)
        yield replace(one, group=group, name=f"{name}: {one.group.partition(',')[0]}")
    mean = sum(walls) / len(walls)
    yield Figure(group, "wall, ours by peers, mean", mean, most=MOST_OF_PEERS_IN_ALL)


@measurement("memory")
def memory(clips: Path, folder: Path) -> Iterator[Figure]:
    """The same talking head, short and three times as long."""
    peaks = []
    for clip in (SHORT, LONG):
        took = ours(clip.path(clips), folder / str(clip.seconds))
        peaks.append(took.peak_gib)
    group = "memory over length, 1080p"
    yield Figure(group, f"{SHORT.seconds} s of video", peaks[0], "GiB", most=MOST_GIB[1080])
    yield Figure(group, f"{LONG.seconds} s of video", peaks[1], "GiB", most=MOST_GIB[1080])
    yield Figure(group, "long by short", peaks[1] / peaks[0], most=MOST_GROWTH)


def ours(source: Path, folder: Path) -> Used:
    """The studio's own transcode, from the probe to the last look over what was made."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return used(partial(pipeline.transcode, source, folder))


def against_peers(clip: Clip, clips: Path, folder: Path) -> Iterator[Figure]:
    """All figures of one clip."""
    source = clip.path(clips)
    rungs = ladder(clip.width, clip.height, RATE)
    group = f"{source.stem}, {len(rungs)} renditions"
    each, plain, studio = (folder / name for name in ("each", "plain", "studio"))
    each.mkdir(parents=True)
    plain.mkdir()
    made = ours(source, studio)
    content = probe(source).content
    at_once = used_by(peers.all_at_once(source, plain, rungs, Fraction(RATE), content))
    one_each = [used_by(command) for command in peers.one_each(source, each, rungs)]
    alone = sum(one_each[1:], one_each[0])
    yield Figure(group, "ours, wall", made.wall, "s")
    yield Figure(group, "peers, wall", alone.wall, "s")
    yield Figure(group, WALL, made.wall / alone.wall, most=MOST_OF_PEERS)
    yield Figure(group, "processor time, ours by peers", made.cpu / alone.cpu)
    yield Figure(group, "wall, ours by plain", made.wall / at_once.wall, most=MOST_OF_PLAIN)
    limit = MOST_GIB.get(clip.height)
    yield Figure(group, "peak memory", made.peak_gib, "GiB", most=limit)
    yield from weighed(group, rungs, studio, each)
    for rung in seen(rungs):
        yield from compared(group, clip, rung, source, studio, each)


def weighed(group: str, rungs: list[Rung], studio: Path, each: Path) -> Iterator[Figure]:
    """Bytes of the pictures, ours by the peers'."""
    total = [0, 0]
    for rung in rungs:
        name = f"{rung.width}x{rung.height}"
        mine = sum(file.stat().st_size for file in (studio / name).glob("*.m*4*"))
        theirs = peers.target(each, rung).stat().st_size
        total = [total[0] + mine, total[1] + theirs]
        yield Figure(group, f"bytes at {min(rung[:2])} lines, ours by peers", mine / theirs)
    yield Figure(group, BYTES, total[0] / total[1], most=MOST_BYTES)


def seen(rungs: list[Rung]) -> list[Rung]:
    """The renditions whose quality is compared: the highest, and that of 480 lines."""
    return [rungs[0], *(rung for rung in rungs[1:] if rung.height == 480)]


def compared(
    group: str, clip: Clip, rung: Rung, source: Path, studio: Path, each: Path
) -> Iterator[Figure]:
    """VMAF of one rendition, ours and the peers'."""
    size = (clip.width, clip.height)
    if rung.height != clip.height and clip.height > 1080:
        size = (1920, 1080)
    mine = vmaf(studio / f"{rung.width}x{rung.height}" / "index.m3u8", source, *size)
    theirs = vmaf(peers.target(each, rung), source, *size)
    yield Figure(group, f"VMAF at {rung.height} lines, peers", theirs)
    where = HIGHEST if rung.height == clip.height else SMALL
    yield Figure(group, f"VMAF {where}, ours less peers", mine - theirs, least=-MOST_VMAF_LOST)
