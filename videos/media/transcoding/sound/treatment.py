"""The gain and the limiter that bring a source's sound to one loudness: pure decisions.

One gain for the whole length cannot pump. A limiter takes only the peaks that the gain would lift
too high. Levels are in LUFS (ITU-R BS.1770, EBU R 128), true peaks in dB of full scale.
"""

from dataclasses import dataclass, replace

TARGET = -16.0
MAX_PEAK = -1.5
# AAC and resampling after the limiter may lift a peak by this much.
MARGIN = 0.8
# Nobody speaks as softly as this: it is room tone, and gets no gain.
ROOM_TONE = -50.0
TOLERANCE = 0.5  # LU, as in EBU R 128
MIN_LIMIT = -24.0  # of ffmpeg's `alimiter`


@dataclass(frozen=True)
class Level:
    """Loudness of a whole track: `integrated` in LUFS and its true `peak` in dB.

    With `format_changes`, the number of channels or the sample rate changes midway, and the track
    was not measured to its end.
    """

    integrated: float
    peak: float
    format_changes: bool = False


@dataclass(frozen=True)
class Treatment:
    """A `gain` in dB, then a limiter that holds peaks at `limit` dB, if any.

    With `normalized`, the sound is read from the file that `normalize_format` wrote.
    """

    gain: float = 0.0
    limit: float | None = None
    normalized: bool = False


UNCHANGED = Treatment()


def treatment_for(level: Level) -> Treatment:
    """The treatment that brings a sound of this level to TARGET, with no peak above MAX_PEAK."""
    gain = 0.0 if level.integrated <= ROOM_TONE else TARGET - level.integrated
    highest = MAX_PEAK - MARGIN
    return Treatment(round(gain, 2), highest if level.peak + gain > highest else None)


def corrected(used: Treatment, encoded: Level) -> Treatment | None:
    """A better treatment, given the level of the encoded sound; None if the level is right."""
    over = encoded.peak - MAX_PEAK
    short = TARGET - encoded.integrated if used.gain else 0.0
    if over <= 0 and abs(short) <= TOLERANCE:
        return None
    limit = used.limit
    if over > 0:
        limit = (MAX_PEAK - MARGIN if limit is None else limit) - over - 0.2
    elif limit is None and encoded.peak + short > MAX_PEAK - MARGIN:
        limit = MAX_PEAK - MARGIN
    if limit is not None and limit < MIN_LIMIT:
        return None
    limit = limit if limit is None else round(limit, 2)
    return replace(used, gain=round(used.gain + short, 2), limit=limit)
