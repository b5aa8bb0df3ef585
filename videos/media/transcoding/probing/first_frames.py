"""When the first frame and the first sound come out of their decoders."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from videos.media.errors import SourceRefused
from videos.media.transcoding.probing import content, ffprobe
from videos.media.transcoding.probing.ffprobe import fail_if_timed_out
from videos.media.transcoding.sandbox import binaries
from videos.media.transcoding.sandbox.allowlist import input_arguments
from videos.media.transcoding.sandbox.process import run, run_parallel
from videos.media.transcoding.source_info import SourceInfo

log = logging.getLogger(__name__)

# How much of a source is read for its first frame and its first sound
SEARCH_SECONDS = 600


def decode_beginning(source: Path, info: SourceInfo) -> SourceInfo:
    """`info` with the sound where its decoder begins, and with the kind of picture.

    A header says when the first packet is due; some decoders give nothing for the first ones.
    Raises SourceRefused for what cannot be decoded, and EncodeFailed.
    """
    sound = info.sound
    is_near = sound is not None and sound.start <= SEARCH_SECONDS / 2
    steps: list[Callable[[], Any]] = [
        partial(first_frame_time, source, info.index),
        partial(content.detect_content, source, info),
    ]
    if sound and is_near:
        steps.append(partial(first_frame_time, source, sound.index, beside=info.index))
    first_picture, kind, *first_sound = run_parallel(*steps)
    if first_picture is None:
        raise SourceRefused(_("The file is damaged: no frame of its picture can be shown."))
    info = replace(info, content=kind)
    if sound is None or not first_sound:
        return info
    [first] = first_sound
    if first is None:
        raise SourceRefused(_("The file is damaged: its sound cannot be played."))
    start = first - info.shift
    rest = max(0.0, sound.start + sound.seconds - start)
    return replace(info, sound=replace(sound, start=start, seconds=rest))


def first_frame_time(source: Path, index: int, beside: int | None = None) -> float | None:
    """The time stamp of the first frame that the decoder of a track gives; None if none comes
    within SEARCH_SECONDS. `beside` is another track that ffmpeg's time stamps depend on.

    Raises EncodeFailed.
    """
    others = ("-map", f"0:{beside}", "-frames", "1", "-f", "null", "-")
    command = [
        *(binaries.ffmpeg(), "-v", "error", "-nostdin", "-threads", "1"),
        *("-t", str(SEARCH_SECONDS), *input_arguments(source), "-map", f"0:{index}"),
        *("-frames", "1", "-f", "framecrc", "-"),
        *(() if beside is None else others),
    ]
    ended = run(command, ffprobe.PROBE_LIMITS, timeout=ffprobe.PROBE_SECONDS)
    found = first_time(ended.out.splitlines())
    if found is None:
        fail_if_timed_out(ended.code)
        log.info("no frame of track %s, ended with %s: %s", index, ended.code, ended.err[-2000:])
    return found


def first_time(lines: Sequence[str]) -> float | None:
    """The time stamp of the first frame in the output of ffmpeg's `framecrc`."""
    base = next((line.split()[-1] for line in lines if line.startswith("#tb ")), "")
    for line in lines:
        if line and not line.startswith("#"):
            return float(int(line.split(",")[2]) * Fraction(base))
    return None
