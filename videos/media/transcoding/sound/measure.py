"""Measures how loud a source is, and how loud an encoded rendition became."""

import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import ffmpeg

from videos.media.transcoding.encode import run_tool
from videos.media.transcoding.sandbox import binaries
from videos.media.transcoding.sandbox.process import GIB, Limits, run
from videos.media.transcoding.sound.filters import (
    NORMALIZED,
    normalize_command,
    open_source,
    prepared,
)
from videos.media.transcoding.sound.treatment import UNCHANGED, Level, Treatment, treatment_for
from videos.media.transcoding.source_info import SourceInfo

log = logging.getLogger(__name__)

LIMITS = Limits(cpu_seconds=3 * 3600, memory_bytes=4 * GIB, file_bytes=GIB)
FORMAT_CHANGED = "because audio parameters changed"
INTEGRATED = re.compile(r"\bI:\s+(-?[0-9.]+|-?inf) LUFS")
PEAK = re.compile(r"\bPeak:\s+(-?[0-9.]+|-?inf) dBFS")

Stream = Any  # ffmpeg-python has no types


def measure_source(source: Path, folder: Path, info: SourceInfo) -> Treatment:
    """The treatment that the sound of a source needs, by its measured level.

    Sound whose format changes midway is written to `folder` in one format. Raises EncodeFailed.
    """
    level = level_of_source(source, info) if info.sound else None
    normalized = level is not None and level.format_changes
    if normalized:
        log.info("the format of the sound of %s changes midway", source)
        run_tool(normalize_command(source, info), folder, LIMITS, "sound in one format")
        level = level_of_source(source, info, folder / NORMALIZED)
    treatment = treatment_for(level) if level else UNCHANGED
    return replace(treatment, normalized=normalized)


def level_of_source(source: Path, info: SourceInfo, normalized: Path | None = None) -> Level | None:
    """The level of a source's sound before its treatment, as `prepared` gives it."""
    opened = open_source(source)
    if normalized is None:
        return measure(prepared(opened, info), info)
    file = ffmpeg.input(f"file:{normalized.resolve()}", protocol_whitelist="file")
    return measure(prepared(opened, info, file), info)


def level_of_rendition(playlist: Path, info: SourceInfo) -> Level | None:
    """The level of an encoded rendition, read from its media playlist."""
    rendition = ffmpeg.input(f"file:{playlist.resolve()}", protocol_whitelist="file")
    return measure(rendition.audio, info, [playlist.parent])


def measure(sound: Stream, info: SourceInfo, reads: Sequence[Path] = ()) -> Level | None:
    """The level of a sound; None if it cannot be measured, with the reason in the log.

    `reads` are files and folders that the input refers to.
    """
    meter = sound.filter("ebur128", peak="true", framelog="quiet")
    output = ffmpeg.output(meter, "-", format="null").global_args(
        "-v", "info", "-nostdin", "-nostats", "-hide_banner"
    )
    command = output.compile(cmd=binaries.ffmpeg())
    ended = run(command, LIMITS, timeout=300 + 2 * info.seconds, reads=reads)
    level = parse_level(ended.err)
    if ended.code != 0 or level is None:
        log.warning("no level, ffmpeg ended with %s: %s", ended.code, ended.err[-2000:])
        return None
    return level


def parse_level(printed: str) -> Level | None:
    """The level in the summary that `ebur128` prints at the end."""
    _before, _title, summary = printed.rpartition("Summary:")
    integrated, peak = INTEGRATED.search(summary), PEAK.search(summary)
    if not integrated or not peak:
        return None
    return Level(float(integrated[1]), float(peak[1]), format_changes=FORMAT_CHANGED in printed)
