"""The one ffmpeg command of a set: decode once, write every output."""

from collections.abc import Sequence
from pathlib import Path

from videos.media.transcoding import filters, storyboard
from videos.media.transcoding.encoder_settings import picture_options
from videos.media.transcoding.hls_output import compile_outputs, hls_output
from videos.media.transcoding.ladder import Rung
from videos.media.transcoding.sound.filters import sound_output
from videos.media.transcoding.sound.treatment import UNCHANGED, Treatment
from videos.media.transcoding.source_info import SourceInfo


def set_command(
    source: Path,
    info: SourceInfo,
    rungs: Sequence[Rung],
    board: storyboard.Storyboard,
    treatment: Treatment = UNCHANGED,
    *,
    quick: bool = False,
) -> list[str]:
    """The ffmpeg arguments that encode a set, with its storyboard's tiles, in the working folder.

    The folder's own path is not among them: `%` and `:` have meanings for ffmpeg. `quick` encodes a
    first set as fast as possible.
    """
    opened = filters.open_picture(source, info)
    branches = filters.normalized(opened[str(info.index)], info, rungs[0]).split()
    rate = info.constant_rate
    scaler = "area" if quick else "lanczos"
    sizes = filters.renditions(branches[0], rungs, info, scaler)
    outputs = [
        hls_output(
            picture, rung.folder, rate, **picture_options(rung, rate, info.content, quick=quick)
        )
        for rung, picture in zip(rungs, sizes, strict=True)
    ]
    if info.sound:
        outputs.append(sound_output(opened, info, treatment))
    outputs.append(storyboard.tiles_output(branches[1], board, info))
    return compile_outputs(*outputs)
