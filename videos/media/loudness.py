"""How loud a video is: measured first, then brought to one level by one gain.

One gain for the whole length cannot pump. A limiter takes only the peaks that the gain would lift
too high. Levels are in LUFS (ITU-R BS.1770, EBU R 128), true peaks in dB of full scale.
"""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ffmpeg

from videos.media import binaries
from videos.media.confine import GIB, Limits, run
from videos.media.facts import Facts

log = logging.getLogger(__name__)

TARGET = -16.0
MOST_PEAK = -1.5
# AAC and the way back from the limiter's rate may lift a peak by this much.
MARGIN = 0.8
# Nobody speaks as softly as this: it is the sound of a room, and stays what it is.
ROOM_TONE = -50.0
NEAR = 0.5  # LU, the tolerance of EBU R 128
OVERSAMPLED = 192_000  # Hz, at which a limiter sees what lies between the samples
LEAST_LIMIT = -24.0  # of ffmpeg's `alimiter`
LIMITS = Limits(cpu_seconds=3 * 3600, memory_bytes=4 * GIB, file_bytes=GIB)

Stream = Any  # ffmpeg-python has no types
CHANGED = "because audio parameters changed"
INTEGRATED = re.compile(r"\bI:\s+(-?[0-9.]+|-?inf) LUFS")
PEAK = re.compile(r"\bPeak:\s+(-?[0-9.]+|-?inf) dBFS")


@dataclass(frozen=True)
class Level:
    """A sound as a whole: `integrated` in LUFS and its true `peak` in dB.

    One that is `uneven` changes its channels or its rate on the way, and was not heard to its end.
    """

    integrated: float
    peak: float
    uneven: bool = False


@dataclass(frozen=True)
class Treatment:
    """What a sound is given: a `gain` in dB, then peaks held at `limit` dB, if any.

    It is `evened` beforehand where it has to be.
    """

    gain: float = 0.0
    limit: float | None = None
    evened: bool = False


AS_IT_IS = Treatment()


def treatment(level: Level) -> Treatment:
    """What brings a sound of this level to TARGET, with no peak above MOST_PEAK."""
    gain = 0.0 if level.integrated <= ROOM_TONE else TARGET - level.integrated
    highest = MOST_PEAK - MARGIN
    return Treatment(round(gain, 2), highest if level.peak + gain > highest else None)


def corrected(given: Treatment, made: Level) -> Treatment | None:
    """A better treatment, from what the encoded sound turned out to be; None if it is right."""
    over = made.peak - MOST_PEAK
    short = TARGET - made.integrated if given.gain else 0.0
    if over <= 0 and abs(short) <= NEAR:
        return None
    limit = given.limit
    if over > 0:
        limit = (MOST_PEAK - MARGIN if limit is None else limit) - over - 0.2
    elif limit is None and made.peak + short > MOST_PEAK - MARGIN:
        limit = MOST_PEAK - MARGIN
    if limit is not None and limit < LEAST_LIMIT:
        return None
    limit = limit if limit is None else round(limit, 2)
    return replace(given, gain=round(given.gain + short, 2), limit=limit)


def treated(sound: Stream, given: Treatment, rate: int) -> Stream:
    """The sound after its treatment, at `rate` samples a second."""
    if given.gain:
        sound = sound.filter("volume", f"{given.gain}dB", precision="float")
    if given.limit is None:
        return sound
    held = {"limit": f"{10 ** (given.limit / 20):.5f}", "level": 0, "latency": 1}
    return (
        sound.filter("aresample", OVERSAMPLED)
        .filter("alimiter", attack=5, release=60, **held)
        .filter("aresample", rate)
    )


def measured(sound: Stream, facts: Facts, reads: Sequence[Path] = ()) -> Level | None:
    """The level of a sound; None where it cannot be told, with the reason in the log.

    `reads` are the files and folders that its input leads to.
    """
    meter = sound.filter("ebur128", peak="true", framelog="quiet")
    asked = ffmpeg.output(meter, "-", format="null").global_args(
        "-v", "info", "-nostdin", "-nostats", "-hide_banner"
    )
    command = asked.compile(cmd=binaries.ffmpeg())
    ended = run(command, LIMITS, timeout=300 + 2 * facts.seconds, reads=reads)
    level = level_of(ended.err)
    if ended.code != 0 or level is None:
        log.warning("no level, ffmpeg ended with %s: %s", ended.code, ended.err[-2000:])
        return None
    return level


def level_of(said: str) -> Level | None:
    """The level in the summary that `ebur128` prints at the end."""
    _before, _title, summary = said.rpartition("Summary:")
    integrated, peak = INTEGRATED.search(summary), PEAK.search(summary)
    if not integrated or not peak:
        return None
    return Level(float(integrated[1]), float(peak[1]), uneven=CHANGED in said)


def of_file(path: Path, facts: Facts) -> Level | None:
    """The level of what was made: a playlist of ours."""
    listed = ffmpeg.input(f"file:{path.resolve()}", protocol_whitelist="file")
    return measured(listed.audio, facts, [path.parent])
