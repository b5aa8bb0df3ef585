"""The second set of a cut, in AV1, for videos that are watched a lot.

Only the video is encoded; audio, stills and the rest are copied from the set that the cut shows,
which stays H.264, so that every browser can play it.
"""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from videos.media.errors import LeaseLost
from videos.media.jobs.first_set import copy
from videos.media.jobs.outcome import ClaimedJob, finish
from videos.media.models import RenditionSet, footage
from videos.media.renditions.sets import new_folder
from videos.media.storage.files import local_copy
from videos.media.transcoding import filters, pipeline
from videos.media.transcoding.encode import (
    ProgressCallback,
    encode,
    estimated_bytes,
    refuse_without_space,
)
from videos.media.transcoding.hls_output import compile_outputs, gop_frames, hls_output
from videos.media.transcoding.ladder import Rung
from videos.media.transcoding.pipeline import TranscodeResult
from videos.media.transcoding.source_info import SourceInfo

# Smaller renditions save few bytes, and are played on slow lines or old devices
SHORTEST_SIDE = 360
# The maximum bit rate, as a share of that of H.264
SHARE_OF_RATE = Fraction(6, 10)
PRESET, CRF = 8, 36


def make_av1(claimed: ClaimedJob) -> None:
    """Make the AV1 set and show it. The current set stays."""
    key = claimed.key(RenditionSet.Kind.AV1)
    current = claimed.cut.current_set
    if current is None:
        raise LeaseLost  # the cut was removed meanwhile
    with new_folder(key) as folder, local_copy(str(claimed.cut.source.name)) as source:
        facts = pipeline.probe(source, current.audio_track)
        made = make(source, folder.path, facts, current, claimed.lease.report_progress)
        folder.store()
        finish(claimed, key, made, kind=RenditionSet.Kind.AV1)


def make(
    source: Path, folder: Path, facts: SourceInfo, beside: RenditionSet, tell: ProgressCallback
) -> TranscodeResult:
    """Make the AV1 set that goes with the full set `beside` in `folder`. Raises EncodeFailed."""
    steps = rungs(facts)
    refuse_without_space(folder, estimated_bytes(facts, steps))
    for rung in steps:
        (folder / rung.folder).mkdir()
    encode(command(source, facts, steps), facts, folder, on_progress=tell)
    own = {rung.folder for rung in pipeline.full_ladder(facts)}
    copy(footage(), beside.folder, folder, leave_out=own | {beside.master, beside.download})
    return pipeline.complete_av1_set(folder, facts, steps)


def rungs(facts: SourceInfo) -> list[Rung]:
    """The AV1 renditions, best first."""
    steps = pipeline.full_ladder(facts)
    large = [step for step in steps if min(step.width, step.height) >= SHORTEST_SIDE] or steps[:1]
    return [step._replace(bitrate=int(step.bitrate * SHARE_OF_RATE)) for step in large]


def command(source: Path, facts: SourceInfo, steps: Sequence[Rung]) -> list[str]:
    """The ffmpeg arguments that encode into the working directory."""
    rate = facts.constant_rate
    read = filters.open_picture(source, facts)
    sizes = filters.renditions(
        filters.normalized(read[str(facts.index)], facts, steps[0]), steps, facts
    )
    return compile_outputs(
        *[
            hls_output(picture, rung.folder, rate, **options(rung, rate))
            for rung, picture in zip(steps, sizes, strict=True)
        ]
    )


def options(rung: Rung, rate: Fraction) -> dict[str, Any]:
    """Encoder options: constrained quality, closed GOPs of the same length as for H.264."""
    return {
        "c:v": "libsvtav1",
        "preset": PRESET,
        "crf": CRF,
        "maxrate": rung.bitrate,
        "bufsize": 2 * rung.bitrate,
        "g": gop_frames(rate),
        "svtav1-params": "irefresh-type=2:scd=0:tune=0:enable-overlays=0",
    }
