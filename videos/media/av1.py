"""The second set of a cut: the same video in AV1, for those who watch enough of it to pay for it.

It holds only pictures of its own; sound, stills and all else are copied from the set that the cut
shows. H.264 stays what everyone can play.
"""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from videos.media import graph, pipeline
from videos.media.early import copy
from videos.media.encode import Tell, encode, most_bytes, refuse_without_room
from videos.media.ending import Held, finish
from videos.media.errors import LeaseLost
from videos.media.facts import Facts
from videos.media.ladder import Rung
from videos.media.models import RenditionSet, footage
from videos.media.pipeline import Made
from videos.media.sets import local_copy, new_folder

# Below, AV1 saves few bytes, and who watches there has a slow line or an old machine.
SHORTEST_SIDE = 360
# Bits per second at most, of what H.264 may take
SHARE_OF_RATE = Fraction(6, 10)
PRESET, CRF = 8, 36


def make_av1(held: Held) -> None:
    """Make the second set and show it. What the cut shows already stays as it is."""
    key = held.key(RenditionSet.Kind.AV1)
    current = held.cut.current_set
    if current is None:
        raise LeaseLost  # the cut has been taken back meanwhile
    with new_folder(key) as folder, local_copy(str(held.cut.source.name)) as source:
        facts = pipeline.probe(source, current.sound_track)
        made = make(source, folder.path, facts, current, held.lease.tell)
        folder.store()
        finish(held, key, made, kind=RenditionSet.Kind.AV1)


def make(source: Path, folder: Path, facts: Facts, beside: RenditionSet, tell: Tell) -> Made:
    """Make the second set beside a full one in `folder`. Raises EncodeFailed."""
    steps = rungs(facts)
    refuse_without_room(folder, most_bytes(facts, steps))
    for rung in steps:
        (folder / graph.name(rung)).mkdir()
    encode(command(source, facts, steps), facts, folder, tell=tell)
    own = {graph.name(rung) for rung in pipeline.full_ladder(facts)}
    copy(footage(), beside.folder, folder, leave_out=own | {beside.master, beside.download})
    return pipeline.finish_second(folder, facts, steps)


def rungs(facts: Facts) -> list[Rung]:
    """The renditions in AV1."""
    steps = pipeline.full_ladder(facts)
    large = [step for step in steps if min(step.width, step.height) >= SHORTEST_SIDE] or steps[:1]
    return [step._replace(bitrate=int(step.bitrate * SHARE_OF_RATE)) for step in large]


def command(source: Path, facts: Facts, steps: Sequence[Rung]) -> list[str]:
    """The arguments that make the pictures in the folder they run in."""
    rate = facts.constant_rate
    read = graph.opened(source, facts)
    sizes = graph.renditions(graph.clean(read[str(facts.index)], facts, steps[0]), steps, facts)
    return graph.compiled(
        *[
            graph.hls(picture, graph.name(rung), rate, **options(rung, rate))
            for rung, picture in zip(steps, sizes, strict=True)
        ]
    )


def options(rung: Rung, rate: Fraction) -> dict[str, Any]:
    """AV1 of constrained quality, with closed groups of pictures of the same length as H.264's."""
    return {
        "c:v": "libsvtav1",
        "preset": PRESET,
        "crf": CRF,
        "maxrate": rung.bitrate,
        "bufsize": 2 * rung.bitrate,
        "g": graph.group_frames(rate),
        "svtav1-params": "irefresh-type=2:scd=0:tune=0:enable-overlays=0",
    }
