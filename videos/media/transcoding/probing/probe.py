"""Describes a source before anything is encoded, and refuses what cannot be used.

The input is untrusted: its first bytes are examined in Python, then ffprobe and ffmpeg read it in
the sandbox.
"""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from videos.media.errors import SourceRefused
from videos.media.transcoding.probing.assemble import Measurements, assemble, shorten_incomplete
from videos.media.transcoding.probing.brightness import peak_brightness
from videos.media.transcoding.probing.ffprobe import read_report
from videos.media.transcoding.probing.first_frames import decode_beginning
from videos.media.transcoding.probing.frame_rates import measured_peak_rate
from videos.media.transcoding.probing.interlacing import detect_interlacing
from videos.media.transcoding.probing.limits import refuse_length
from videos.media.transcoding.probing.messages import protected, refusal
from videos.media.transcoding.probing.picture_shape import shown_picture
from videos.media.transcoding.probing.streams import (
    audio_tracks,
    default_audio,
    default_picture,
    is_encrypted,
    is_playable,
)
from videos.media.transcoding.probing.track_ends import measured_end
from videos.media.transcoding.sandbox.process import run_parallel
from videos.media.transcoding.sandbox.sniff import Kind, kind_of
from videos.media.transcoding.sound import track_levels
from videos.media.transcoding.sound.track_levels import Choice
from videos.media.transcoding.source_info import SourceInfo


def probe(source: Path, audio_track: int | None = None) -> SourceInfo:
    """The description of `source`, a local file.

    `audio_track` is the number of the audio track to use, as in `SourceInfo.tracks`; None for the
    default. Raises SourceRefused with a message for a producer, and EncodeFailed on a timeout.
    """
    with source.open("rb") as file:
        kind = kind_of(file)
    if message := refusal(kind):
        raise SourceRefused(message)
    report = read_report(source)
    picture, audio = default_picture(report), default_audio(report, audio_track)
    if any(is_encrypted(track) for track in (picture, audio) if track):
        raise SourceRefused(protected())
    choice = choose_audio(source, report, audio, chosen=audio_track is not None) if audio else None
    picture, measured = measure(source, report, picture, choice)
    info = assemble(report, picture, choice, measured)
    if kind is Kind.UNFINISHED:
        info = shorten_incomplete(info)
    refuse_length(info)
    return decode_beginning(source, info)


def choose_audio(
    source: Path, report: Mapping[str, Any], audio: Mapping[str, Any], *, chosen: bool
) -> Choice:
    """The audio that is used instead of `audio`, the file's default, or that a person `chosen`."""
    playable = [
        track for track in audio_tracks(report) if is_playable(track) and not is_encrypted(track)
    ]
    peaks = track_levels.measured_peaks(source, [audio] if chosen else playable)
    return track_levels.choose(playable, audio, peaks, chosen=chosen)


def measure(
    source: Path, report: Mapping[str, Any], picture: Mapping[str, Any], choice: Choice | None
) -> tuple[Mapping[str, Any], Measurements]:
    """(the picture as it is shown, what was measured of the source).

    Raises SourceRefused, EncodeFailed.
    """
    tracks = [picture, choice.track] if choice else [picture]
    picture_end, *sound_end = run_parallel(
        *[partial(measured_end, source, report, track) for track in tracks]
    )
    steps: list[Callable[[], Any]] = [
        partial(shown_picture, source, report, picture, picture_end),
        partial(detect_interlacing, source, picture),
        partial(peak_brightness, source, picture),
        partial(measured_peak_rate, source, picture),
    ]
    shown, interlaced, brightest, peak_rate = run_parallel(*steps)
    return shown, Measurements(
        interlaced=interlaced,
        brightest=brightest,
        picture_end=picture_end,
        sound_end=sound_end[0] if sound_end else None,
        peak_rate=peak_rate,
    )
