"""Which sound of a source is heard: not a silent track where another one sounds.

How loud each channel gets is measured (I/O); what follows from that is a pure decision.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from videos.media import binaries
from videos.media.allowed import guarded
from videos.media.confine import Finished, run
from videos.media.loudness import LIMITS

# Peaks in dB of full scale: nothing is heard below, and a side this far below the other is dead.
SILENT, APART = -60.0, 30.0
NOTHING = float("-inf")
LONGEST_SECONDS = 3600  # of listening to a source, to all its tracks together
BEGINNING_SECONDS = 120
CHANNEL = re.compile(r"\[astats@(\d+) @ \S+\] (?:Channel: (\d+)|Peak level dB: (\S+))")

Track = Mapping[str, Any]  # of ffprobe's report
Peaks = Callable[[Track], Sequence[float]]


@dataclass(frozen=True)
class Choice:
    """What is heard: a track, with another one as its right side, or one `side` of it alone.

    `silent` says that nothing of it can be heard; `instead` that its file names another one.
    """

    track: Track
    right: Track | None = None
    side: int | None = None
    silent: bool = False
    instead: bool = False


def choose(tracks: Sequence[Track], default: Track, peaks: Peaks, *, chosen: bool) -> Choice:
    """Which of some tracks that can be played is heard, in the place of `default`.

    `peaks` tells how loud the channels of a track get, in dB of full scale. A track that a person
    has `chosen` stays.
    """
    if chosen:
        return one(default, peaks)
    pairs = pairs_of(tracks) if default in monos(tracks) else []
    for left, right in pairs:
        sounding = [track for track in (left, right) if is_heard(peaks(track))]
        if len(sounding) == 2:
            return Choice(left, right, instead=left is not default)
        if sounding:
            return Choice(sounding[0], instead=sounding[0] is not default)
    first = one(default, peaks)
    if not first.silent:
        return first
    others = (one(track, peaks) for track in tracks if track is not default)
    other = next((choice for choice in others if not choice.silent), None)
    return replace(other, instead=True) if other else first


def one(track: Track, peaks: Peaks) -> Choice:
    """A track by itself: of two channels with one dead, the other one."""
    loud = peaks(track)
    return Choice(track, side=living_side(loud), silent=not is_heard(loud))


def is_heard(loud: Sequence[float]) -> bool:
    """Whether any channel is heard."""
    return max(loud, default=NOTHING) > SILENT


def living_side(loud: Sequence[float]) -> int | None:
    """The channel, of two, that is heard while the other one is dead; None where both live."""
    if len(loud) != 2 or not is_heard(loud) or min(loud) > SILENT:
        return None
    return loud.index(max(loud)) if max(loud) - min(loud) >= APART else None


def monos(tracks: Sequence[Track]) -> list[Track]:
    """The tracks by which cameras record each channel for itself: of one channel, uncompressed."""
    return [
        track
        for track in tracks
        if int(track.get("channels") or 0) == 1 and track.get("codec_name", "").startswith("pcm_")
    ]


def pairs_of(tracks: Sequence[Track]) -> list[tuple[Track, Track]]:
    """Left and right, of tracks with a channel each: they come in twos (EBU R 48).

    Only where all are of one kind: of one rate, beginning at once, in one language.
    """
    found = monos(tracks)
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


def listening(source: Path, tracks: Sequence[Track]) -> Peaks:
    """How loud the channels of some tracks of a source get, measured when it is asked.

    Most tracks sound in their first minutes: no more of them is read. Otherwise the source is read
    to its end, once, for all tracks of which that is not known.
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
    """Whether what follows from these peaks stays the same, however loud it gets later."""
    return min(loud) > SILENT if len(loud) == 2 else is_heard(loud)


class Meter:
    """Measures tracks of a source: all at once, and one by one after that has failed.

    What is not measured when its time is up counts as what cannot be played.
    """

    def __init__(self, source: Path) -> None:
        self.source = source
        self.until = time.monotonic() + LONGEST_SECONDS
        self.apart = False

    def peaks(
        self, tracks: Sequence[Track], seconds: float | None = None
    ) -> dict[int, list[float]]:
        """The highest peak of each channel in dB of full scale, of tracks by their index; of the
        first `seconds` alone if given. Empty for what cannot be played."""
        indexes = [track["index"] for track in tracks]
        if len(indexes) > 1 and not self.apart:
            ended = self.read(indexes, seconds)
            if ended and ended.code == 0:
                return {index: loudest(ended.err, index) for index in indexes}
            self.apart = True  # one that cannot be played ends the others, too
        found = {}
        for index in indexes:
            ended = self.read([index], seconds)
            found[index] = loudest(ended.err, index) if ended else []
        return found

    def read(self, indexes: Sequence[int], seconds: float | None) -> Finished | None:
        """How a reading ended of some tracks at once; None where no time is left for it."""
        left = self.until - time.monotonic()
        if left <= 0:
            return None
        return run(reading(self.source, indexes, seconds), LIMITS, timeout=left)


def reading(source: Path, indexes: Sequence[int], seconds: float | None) -> list[str]:
    """The command that prints the peaks of some tracks of a source; of its first `seconds` alone
    if given."""
    meters = ";".join(
        f"[0:{index}]astats@{index}=measure_overall=none:measure_perchannel=Peak_level[{index}]"
        for index in indexes
    )
    return [
        *(binaries.ffmpeg(), "-v", "info", "-nostdin", "-nostats", "-hide_banner"),
        *(("-t", str(seconds)) if seconds else ()),
        *(*guarded(source), "-filter_complex", meters),
        # Each by itself: a track that begins hours later keeps no other waiting.
        *(part for index in indexes for part in ("-map", f"[{index}]", "-f", "null", "-")),
    ]


def loudest(said: str, index: int) -> list[float]:
    """The peaks in what the meter of a track prints at its end; it prints more than once where the
    number of channels changes."""
    found: dict[int, float] = {}
    channel = 0
    for meter, number, peak in CHANNEL.findall(said):
        if int(meter) != index:
            continue
        if number:
            channel = int(number)
        elif channel:
            found[channel] = max(found.get(channel, NOTHING), decibels(peak))
    return [found[number] for number in sorted(found)]


def decibels(text: str) -> float:
    """A peak in ffmpeg's words; what is not a number is nothing."""
    try:
        value = float(text)
    except ValueError:
        return NOTHING
    return NOTHING if value != value else value
