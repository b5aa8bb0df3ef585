"""Which tracks of a source are used, from ffprobe's report: pure functions."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from videos.media.errors import SourceRefused

# Codecs of still pictures: a thumbnail, where there is a track in another codec as well
STILL_CODECS = {
    "mjpeg",
    "png",
    "bmp",
    "gif",
    "tiff",
    "webp",
    "jpeg2000",
    "jpegls",
    "jpegxl",
    "targa",
}
# Hours, minutes and whole seconds
DURATION = re.compile(r"(\d+):(\d+):(\d+)")
# Captions that are text; those of discs and broadcasts are pictures
TEXT_CODECS = {"subrip", "ass", "ssa", "webvtt", "mov_text", "text"}


def default_picture(report: Mapping[str, Any]) -> Mapping[str, Any]:
    """The picture track to use: the default one, else the first; a moving one before a still.

    Raises SourceRefused.
    """
    shown = [track for track in report["streams"] if is_picture(track)]
    if not shown:
        raise SourceRefused(_("The file has no picture, only sound. Upload a video."))
    picture: Mapping[str, Any] = min(
        shown, key=lambda track: (is_still(track), not track["disposition"]["default"])
    )
    if any(data.get("dv_bl_signal_compatibility_id") == 0 for data in side_data(picture)):
        raise SourceRefused(
            _(
                "The colours are for Dolby Vision screens only. "
                "Export the video as HDR10, HLG or SDR."
            )
        )
    return picture


def default_audio(report: Mapping[str, Any], number: int | None) -> Mapping[str, Any] | None:
    """The audio track to use: the one with this number, else the default one, else the first.

    None if the file has no audio that can be played. Raises SourceRefused for a wrong number.
    """
    tracks = audio_tracks(report)
    if number is None:
        audible = [track for track in tracks if is_playable(track)]
        return min(audible, key=lambda track: not track["disposition"]["default"], default=None)
    if not 1 <= number <= len(tracks) or not is_playable(tracks[number - 1]):
        raise SourceRefused(
            _("The file has no audio track %(number)d that can be played.") % {"number": number}
        )
    return tracks[number - 1]


def audio_tracks(report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The audio tracks, in the order of the file."""
    return [track for track in report["streams"] if track.get("codec_type") == "audio"]


def track_values(track: Mapping[str, Any], number: int) -> dict[str, Any]:
    """What is stored of a track to choose from."""
    tags = {name.lower(): str(value) for name, value in track.get("tags", {}).items()}
    language = tags.get("language", "")
    return {
        "number": number,
        "language": printable("" if language == "und" else language)[:15],
        "title": printable(tags.get("title") or tags.get("name") or "")[:100],
        "channels": int(track.get("channels") or 0),
        "codec": track.get("codec_name", ""),
        "default": bool(track["disposition"]["default"]),
    }


def printable(text: str) -> str:
    """Untrusted text in one line, without control characters (those of bidirectional text, too)."""
    return "".join(character for character in " ".join(text.split()) if character.isprintable())


def caption_tracks(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is stored of the caption tracks that are text."""
    found = [track for track in report["streams"] if track.get("codec_type") == "subtitle"]
    return [
        track_values(track, number)
        for number, track in enumerate(found, 1)
        if track.get("codec_name") in TEXT_CODECS
    ]


def has_alpha_beside(picture: Mapping[str, Any]) -> bool:
    """Whether a WebM file keeps transparency beside its picture."""
    tags = {name.lower(): str(value) for name, value in picture.get("tags", {}).items()}
    return tags.get("alpha_mode") == "1"


def is_playable(track: Mapping[str, Any]) -> bool:
    """Whether an audio track has channels and a known codec."""
    return bool(int(track.get("channels") or 0) and track.get("codec_name"))


def is_picture(track: Mapping[str, Any]) -> bool:
    """Whether a track is video, and not cover art."""
    return track.get("codec_type") == "video" and not is_cover(track)


def is_cover(track: Mapping[str, Any]) -> bool:
    """Whether a track is cover art or a thumbnail, by its disposition."""
    disposition = track.get("disposition", {})
    return bool(disposition.get("attached_pic") or disposition.get("timed_thumbnails"))


def is_still(track: Mapping[str, Any]) -> bool:
    """Whether a track is a still picture, such as a thumbnail that is not marked as one.

    Matroska has no number of frames, but most of its files have a duration for each track.
    """
    if count := track.get("nb_frames"):
        return bool(count == "1")
    tags = {name.lower(): str(value) for name, value in track.get("tags", {}).items()}
    duration = DURATION.match(tags.get("duration", ""))
    return track.get("codec_name") in STILL_CODECS and not (
        duration and any(map(int, duration.groups()))
    )


def is_encrypted(track: Mapping[str, Any]) -> bool:
    """Whether the container says that a track is encrypted."""
    return any("ncryption" in data.get("side_data_type", "") for data in side_data(track))


def side_data(track: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The side data of a track."""
    return list(track.get("side_data_list", []))
