"""Which audio track of a source is used: not a silent one where another one is audible.

The peak of each channel is measured; the choice itself is a pure function.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from videos.media.transcoding.sandbox import binaries
from videos.media.transcoding.sandbox.allowlist import input_arguments
from videos.media.transcoding.sandbox.process import GIB, Limits, ToolResult, run

# In dB of full scale: nothing is audible below SILENT, and a channel of a stereo track that is
# DEAD_BELOW under the other one is dead.
SILENT, DEAD_BELOW = -60.0, 30.0
SILENCE = float("-inf")
LIMITS = Limits(cpu_seconds=3 * 3600, memory_bytes=4 * GIB, file_bytes=GIB)
MAX_SECONDS = 3600  # of measuring all tracks of a source
BEGINNING_SECONDS = 120
CHANNEL = re.compile(r"\[astats@(\d+) @ \S+\] (?:Channel: (\d+)|Peak level dB: (\S+))")

Track = Mapping[str, Any]  # of ffprobe's report
Peaks = Callable[[Track], Sequence[float]]


@dataclass(frozen=True)
class Choice:
    """The audio that is used: a track, with another as its `right` channel, or one `side` of it.

    It is `silent` if nothing in it is audible; `instead` says that the file's default is another.
    """

    track: Track
    right: Track | None = None
    side: int | None = None
    silent: bool = False
    instead: bool = False


def choose(tracks: Sequence[Track], default: Track, peaks: Peaks, *, chosen: bool) -> Choice:
    """Which of some playable tracks is used instead of `default`, the file's own choice.

    `peaks` gives the peaks of a track's channels in dB of full scale. A default that a person has
    `chosen` is kept.
    """
    if chosen:
        return single_track(default, peaks)
    pairs = stereo_pairs(tracks) if default in mono_tracks(tracks) else []
    for left, right in pairs:
        sounding = [track for track in (left, right) if is_audible(peaks(track))]
        if len(sounding) == 2:
            return Choice(left, right, instead=left is not default)
        if sounding:
            return Choice(sounding[0], instead=sounding[0] is not default)
    first = single_track(default, peaks)
    if not first.silent:
        return first
    others = (single_track(track, peaks) for track in tracks if track is not default)
    other = next((choice for choice in others if not choice.silent), None)
    return replace(other, instead=True) if other else first


def single_track(track: Track, peaks: Peaks) -> Choice:
    """One track: of two channels of which one is dead, the other one."""
    loud = peaks(track)
    return Choice(track, side=only_live_side(loud), silent=not is_audible(loud))


def is_audible(loud: Sequence[float]) -> bool:
    """Whether any channel is audible."""
    return max(loud, default=SILENCE) > SILENT


def only_live_side(loud: Sequence[float]) -> int | None:
    """The channel, of two, that is audible while the other one is dead; None if both are live."""
    if len(loud) != 2 or not is_audible(loud) or min(loud) > SILENT:
        return None
    return loud.index(max(loud)) if max(loud) - min(loud) >= DEAD_BELOW else None


def mono_tracks(tracks: Sequence[Track]) -> list[Track]:
    """The tracks of cameras that record each channel as a track: one channel, uncompressed."""
    return [
        track
        for track in tracks
        if int(track.get("channels") or 0) == 1 and track.get("codec_name", "").startswith("pcm_")
    ]


def stereo_pairs(tracks: Sequence[Track]) -> list[tuple[Track, Track]]:
    """(left, right) pairs of mono tracks: they come in pairs (EBU R 48).

    Only where all have the same codec, sample rate, start and language.
    """
    found = mono_tracks(tracks)
    kinds = {
        (
            track.get("codec_name"),
            track.get("sample_rate"),
            track.get("start_time"),
            track.get("tags", {}).get("language"),
        )
        for track in found
    }
    return list(zip(found[::2], found[1::2], strict=False)) if len(kinds) == 1 else []


def measured_peaks(source: Path, tracks: Sequence[Track]) -> Peaks:
    """A function that gives the peaks of a track's channels, measured when it is called.

    Most tracks are audible in their first minutes: no more is read then. Otherwise the source is
    read to its end, once, for all tracks that are still unknown.
    """
    known: dict[int, list[float]] = {}
    meter = Meter(source)

    def unknown() -> list[Track]:
        return [track for track in tracks if track["index"] not in known]

    def begin(some: Sequence[Track]) -> None:
        found = meter.peaks(some, BEGINNING_SECONDS) if some else {}
        known.update({index: loud for index, loud in found.items() if is_settled(loud)})

    def peaks(track: Track) -> list[float]:
        index = track["index"]
        if index not in known:
            begin([track])
        if index not in known:
            begin([other for other in unknown() if other is not track])
            known.update(meter.peaks(unknown()))
        return known[index]

    return peaks


def is_settled(loud: Sequence[float]) -> bool:
    """Whether the choice stays the same, however loud the track gets later."""
    return min(loud) > SILENT if len(loud) == 2 else is_audible(loud)


class Meter:
    """Measures tracks of a source: all in one run, and one by one after that has failed.

    Tracks that are not measured within MAX_SECONDS count as unplayable.
    """

    def __init__(self, source: Path) -> None:
        self.source = source
        self.until = time.monotonic() + MAX_SECONDS
        self.apart = False

    def peaks(
        self, tracks: Sequence[Track], seconds: float | None = None
    ) -> dict[int, list[float]]:
        """{index of the track: peak of each channel in dB of full scale}, of the first `seconds` if
        given. The list is empty for a track that cannot be played."""
        indexes = [track["index"] for track in tracks]
        if len(indexes) > 1 and not self.apart:
            ended = self.read(indexes, seconds)
            if ended and ended.code == 0:
                return {index: parse_peaks(ended.err, index) for index in indexes}
            self.apart = True  # a track that cannot be played ended the run
        found = {}
        for index in indexes:
            ended = self.read([index], seconds)
            found[index] = parse_peaks(ended.err, index) if ended else []
        return found

    def read(self, indexes: Sequence[int], seconds: float | None) -> ToolResult | None:
        """Run one measurement of some tracks; None where no time is left."""
        left = self.until - time.monotonic()
        if left <= 0:
            return None
        return run(peaks_command(self.source, indexes, seconds), LIMITS, timeout=left)


def peaks_command(source: Path, indexes: Sequence[int], seconds: float | None) -> list[str]:
    """The ffmpeg arguments that print the peaks of some tracks, of the first `seconds` if given."""
    meters = ";".join(
        f"[0:{index}]astats@{index}=measure_overall=none:measure_perchannel=Peak_level[{index}]"
        for index in indexes
    )
    return [
        *(binaries.ffmpeg(), "-v", "info", "-nostdin", "-nostats", "-hide_banner"),
        *(("-t", str(seconds)) if seconds else ()),
        *(*input_arguments(source), "-filter_complex", meters),
        # An output for each track: one that begins hours later does not hold up the others.
        *(part for index in indexes for part in ("-map", f"[{index}]", "-f", "null", "-")),
    ]


def parse_peaks(printed: str, index: int) -> list[float]:
    """The peaks that `astats` prints for a track at the end; it prints more than once where the
    number of channels changes."""
    found: dict[int, float] = {}
    channel = 0
    for meter, number, peak in CHANNEL.findall(printed):
        if int(meter) != index:
            continue
        if number:
            channel = int(number)
        elif channel:
            found[channel] = max(found.get(channel, SILENCE), parse_decibels(peak))
    return [found[number] for number in sorted(found)]


def parse_decibels(text: str) -> float:
    """A peak as ffmpeg prints it; SILENCE for what is not a number."""
    try:
        value = float(text)
    except ValueError:
        return SILENCE
    return SILENCE if value != value else value
