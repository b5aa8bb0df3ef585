"""Builds the description of a source from ffprobe's report and measurements: pure functions."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from videos.media.errors import SourceRefused
from videos.media.transcoding.geometry import is_square, upright
from videos.media.transcoding.probing import frame_rates
from videos.media.transcoding.probing.ffprobe import frame_rate, parse_seconds
from videos.media.transcoding.probing.limits import refuse_size
from videos.media.transcoding.probing.messages import broken_times, unreadable
from videos.media.transcoding.probing.picture_shape import pixel_aspect, stretched_sizes
from videos.media.transcoding.probing.streams import audio_tracks, caption_tracks, track_values
from videos.media.transcoding.probing.track_ends import (
    MAX_GAP_SECONDS,
    end_by_header,
    is_shifted_by_track,
    start_of,
)
from videos.media.transcoding.sound import channel_layouts
from videos.media.transcoding.sound.track_levels import Choice
from videos.media.transcoding.source_info import SoundInfo, SourceInfo, constant_rate

# ffmpeg's names of pixel formats with transparency; our ffprobe knows none for PNG
ALPHA = re.compile(r"yuva|rgba|argb|bgra|abgr|gbrap|ya\d|png")
# Frames a second, on average: a slower picture whose sound is not as long has a broken header
MIN_RATE = Fraction(1, 600)
# Of an incomplete recording, picture and sound end together if they end no farther apart.
MAX_FRAGMENT_SECONDS = 30


@dataclass(frozen=True)
class Measurements:
    """What was measured of a source. Ends are in the file's time stamps, None if unknown.

    `peak_rate` is the frame rate at its fastest, if it was measured.
    """

    interlaced: bool
    brightest: int
    picture_end: float | None
    sound_end: float | None
    peak_rate: Fraction | None = None


def assemble(
    report: Mapping[str, Any],
    picture: Mapping[str, Any],
    choice: Choice | None,
    measured: Measurements,
) -> SourceInfo:
    """The description of a source; `picture` is from `shown_picture`. Raises SourceRefused."""
    shown, aspect = shown_size(picture)
    file_start = parse_seconds(report["format"].get("start_time")) or 0.0
    picture_start = start_of(picture, file_start)
    sound_start = start_of(choice.track, file_start) if choice else picture_start
    begin = min(picture_start, sound_start)
    if max(picture_start, sound_start) - begin > MAX_GAP_SECONDS:
        raise SourceRefused(broken_times())
    picture_end = measured.picture_end
    if picture_end is None:
        picture_end = end_by_header(picture, report, picture_start)
    sound = sound_info(choice, report, begin, file_start, measured.sound_end) if choice else None
    picture_seconds = max(picture_end - begin, 0.001)
    average, base = rates_of(picture, measured.peak_rate, picture_seconds, sound)
    rotation = picture["turn"]
    return SourceInfo(
        width=shown[0],
        height=shown[1],
        rotation=rotation,
        square_pixels=is_square(aspect),
        interlaced=measured.interlaced,
        frame_rate=average,
        constant_rate=constant_rate(average, base or Fraction(0)),
        light={"smpte2084": "pq", "arib-std-b67": "hlg"}.get(
            picture.get("color_transfer", ""), "sdr"
        ),
        matrix=picture.get("color_space", "unknown").replace("unknown", ""),
        full_range=picture.get("color_range") == "pc",
        primaries=picture.get("color_primaries", "unknown").replace("unknown", ""),
        alpha=bool(
            picture["decoder"] or ALPHA.match(picture.get("pix_fmt", picture.get("codec_name", "")))
        ),
        brightest=measured.brightest,
        index=picture["index"],
        seconds=max(picture_seconds, sound.start + sound.seconds if sound else 0),
        picture_seconds=picture_seconds,
        shift=0.0 if is_shifted_by_track(report) else begin - file_start,
        sound=sound,
        tracks=tuple(
            track_values(track, number) for number, track in enumerate(audio_tracks(report), 1)
        ),
        varies=picture["varies"],
        aspects=stretched_sizes(picture["aspects"], rotation) if picture["varies"] else (),
        decoder=picture["decoder"],
        remarks=tuple(remarks_on(picture, choice)),
        captions=tuple(caption_tracks(report)),
    )


def shown_size(picture: Mapping[str, Any]) -> tuple[tuple[int, int], Fraction]:
    """(upright size, sample aspect ratio) of a picture. Raises SourceRefused."""
    width, height = int(picture.get("width") or 0), int(picture.get("height") or 0)
    if not width or not height:
        raise SourceRefused(unreadable())
    aspect = pixel_aspect(picture["sample_aspect_ratio"])
    shown = upright(width, height, aspect, picture["turn"])
    refuse_size(width, height)
    refuse_size(*shown)
    return shown, aspect


def rates_of(
    picture: Mapping[str, Any],
    peak_rate: Fraction | None,
    picture_seconds: float,
    sound: SoundInfo | None,
) -> tuple[Fraction, Fraction | None]:
    """(average rate, rate of the time stamps' grid) of a picture. Raises SourceRefused."""
    base = frame_rate(picture, "r_frame_rate")
    average = frame_rate(picture, "avg_frame_rate") or base or Fraction(25)
    if base and average > base * Fraction(11, 10):  # more frames than the grid has times
        average = base
    if average < MIN_RATE and (sound is None or sound.seconds < picture_seconds / 2):
        raise SourceRefused(broken_times())
    if peak_rate:
        return frame_rates.effective_rate(average, peak_rate), None
    return average, base


def sound_info(
    choice: Choice, report: Mapping[str, Any], begin: float, file_start: float, end: float | None
) -> SoundInfo | None:
    """The selected sound, in seconds from where the source begins; None if it has no packets."""
    if end is None:
        return None
    track, channels = choice.track, int(choice.track["channels"])
    start = start_of(track, file_start)
    pan = channel_layouts.pan(str(track.get("channel_layout") or ""), channels)
    return SoundInfo(
        index=track["index"],
        channels=2 if choice.right else channels,
        start=start - begin,
        seconds=max(0.0, end - start),
        number=1 + [other["index"] for other in audio_tracks(report)].index(track["index"]),
        right=choice.right["index"] if choice.right else None,
        pan=pan if choice.side is None else channel_layouts.one_channel(choice.side),
    )


def remarks_on(picture: Mapping[str, Any], choice: Choice | None) -> Iterator[str]:
    """The codes of decisions that the producer is told about (`videos.media.cuts.notices`)."""
    if picture["varies"]:
        yield "sizes"
    if picture["reshaped"]:
        yield "shapes"
    if choice and choice.silent:
        yield "silent"
    if choice and choice.instead:
        yield "other_track"
    if choice and choice.side is not None:
        yield ("only_left", "only_right")[choice.side]


def shorten_incomplete(info: SourceInfo) -> SourceInfo:
    """An incomplete recording, ended where the first of its tracks ends, unless another track goes
    on for much longer."""
    ends = [info.picture_seconds]
    if sound := info.sound:
        ends.append(sound.start + sound.seconds)
    end = min(ends)
    if max(ends) - end <= MAX_FRAGMENT_SECONDS and end > 0:
        shortened = sound and replace(sound, seconds=max(0.0, end - sound.start))
        info = replace(info, seconds=end, picture_seconds=end, sound=shortened)
    return replace(info, remarks=("broken_off", *info.remarks))
