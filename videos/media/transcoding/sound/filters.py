"""The ffmpeg filters that sound goes through, and its rendition; nothing here runs anything."""

from pathlib import Path
from typing import Any

import ffmpeg

from videos.media.transcoding.hls import SOUND_FOLDER
from videos.media.transcoding.hls_output import compile_outputs, hls_output
from videos.media.transcoding.sandbox import binaries
from videos.media.transcoding.sandbox.allowlist import input_options, input_url
from videos.media.transcoding.sound.treatment import Treatment
from videos.media.transcoding.source_info import SoundInfo, SourceInfo

SAMPLE_RATE = 48_000
BITRATE = 160_000
NORMALIZED = "evened.nut"
OVERSAMPLED = 192_000  # Hz, at which a limiter sees the peaks between samples

Stream = Any  # ffmpeg-python has no types


def sound_output(source: Stream, info: SourceInfo, treatment: Treatment) -> Stream:
    """The sound rendition of a source, after its treatment."""
    normalized = (
        ffmpeg.input(NORMALIZED, protocol_whitelist="file") if treatment.normalized else None
    )
    sound = apply_treatment(prepared(source, info, normalized), treatment)
    return hls_output(sound, SOUND_FOLDER, info.constant_rate, **encoder_options())


def sound_command(source: Path, info: SourceInfo, treatment: Treatment) -> list[str]:
    """The ffmpeg arguments that encode the sound alone, in the folder they run in."""
    return compile_outputs(sound_output(open_source(source), info, treatment))


def normalize_command(source: Path, info: SourceInfo) -> list[str]:
    """The ffmpeg arguments that write the sound in stereo at one sample rate to NORMALIZED.

    Broadcast recordings change between mono, stereo and 5.1 midway. ffmpeg then rebuilds the filter
    graph, and the new graph has lost the time stamps: here nothing depends on them.
    """
    assert info.sound
    stereo = to_stereo(selected_tracks(open_source(source), info.sound))
    output = ffmpeg.output(stereo, NORMALIZED, format="nut", **{"c:a": "pcm_s16le"})
    output = output.global_args("-v", "error", "-nostdin", "-y", "-copyts")
    return output.compile(cmd=binaries.ffmpeg())  # type: ignore[no-any-return]


def open_source(source: Path) -> Stream:
    """A source as an ffmpeg input."""
    return ffmpeg.input(input_url(source), **input_options(source))


def prepared(source: Stream, info: SourceInfo, normalized: Stream | None = None) -> Stream:
    """The sound of a source in stereo, as long as the picture, before its treatment.

    `normalized` is the file of `normalize_command`, if there is one.
    """
    assert info.sound
    if normalized is None:
        stereo = to_stereo(selected_tracks(source, info.sound))
    else:
        stereo = normalized["0"]
    return fit_to_picture(stereo, info.sound, info)


def selected_tracks(source: Stream, sound: SoundInfo) -> Stream:
    """The selected track, in a channel layout that ffmpeg can mix to stereo."""
    first = source[str(sound.index)]
    if sound.right is not None:
        sides = [first, source[str(sound.right)]]
        monos = [side.filter("aformat", channel_layouts="mono") for side in sides]
        return ffmpeg.filter(monos, "join", inputs=2, channel_layout="stereo")
    return first.filter("pan", args=sound.pan) if sound.pan else first


def to_stereo(sound: Stream) -> Stream:
    """Two channels at SAMPLE_RATE, mixed without clipping."""
    return sound.filter("aresample", SAMPLE_RATE, ochl="stereo", rematrix_maxval=1).filter(
        "aformat", sample_fmts="fltp", channel_layouts="stereo"
    )


def fit_to_picture(stereo: Stream, sound: SoundInfo, info: SourceInfo) -> Stream:
    """The sound exactly as long as the picture, with silence where there is none.

    `aresample=async=1` fills gaps in the middle. It is not asked to pad the beginning
    (`first_pts`): ffmpeg 9.0 can deadlock there when there are several outputs.
    """
    length = f"{info.length:.6f}"
    padded = stereo.filter("aresample", SAMPLE_RATE, **{"async": 1}).filter(
        "asetpts", "PTS-STARTPTS"
    )
    if sound.start < 0:  # it began before the picture
        padded = padded.filter("atrim", start=f"{-sound.start:.6f}").filter(
            "asetpts", "PTS-STARTPTS"
        )
    if sound.start > 0:
        padded = padded.filter("adelay", delays=f"{round(sound.start * 1000)}", all=1)
    return padded.filter("apad", whole_dur=length).filter("atrim", end=length)


def apply_treatment(sound: Stream, treatment: Treatment) -> Stream:
    """The sound after gain and limiter, at SAMPLE_RATE."""
    if treatment.gain:
        sound = sound.filter("volume", f"{treatment.gain}dB", precision="float")
    if treatment.limit is None:
        return sound
    limiter = {"limit": f"{10 ** (treatment.limit / 20):.5f}", "level": 0, "latency": 1}
    return (
        sound.filter("aresample", OVERSAMPLED)
        .filter("alimiter", attack=5, release=60, **limiter)
        .filter("aresample", SAMPLE_RATE)
    )


def encoder_options() -> dict[str, Any]:
    """AAC, low complexity, in stereo."""
    return {"c:a": "aac", "b:a": BITRATE, "ar": SAMPLE_RATE, "ac": 2}
