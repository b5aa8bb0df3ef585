"""Which picture is shown and which sound is heard, from ffprobe's report on the tracks."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from videos.media.errors import SourceRefused

# What single pictures are kept in: thumbnails beside a film, if it is not
STILLS = {"mjpeg", "png", "bmp", "gif", "tiff", "webp", "jpeg2000", "jpegls", "jpegxl", "targa"}
# Hours, minutes and whole seconds
LASTS = re.compile(r"(\d+):(\d+):(\d+)")
# Captions that are text; those of discs and broadcasts are pictures.
CAPTIONS = {"subrip", "ass", "ssa", "webvtt", "mov_text", "text"}


def picture_of(report: Mapping[str, Any]) -> Mapping[str, Any]:
    """The picture that is shown: the default one, else the first; no still where there is a film.

    Raises SourceRefused.
    """
    shown = [track for track in report["streams"] if is_picture(track)]
    if not shown:
        raise SourceRefused(_("It has no picture, only sound: upload a video."))
    picture: Mapping[str, Any] = min(
        shown, key=lambda track: (is_still(track), not track["disposition"]["default"])
    )
    if any(data.get("dv_bl_signal_compatibility_id") == 0 for data in side_data(picture)):
        raise SourceRefused(
            _("Its colours are for Dolby Vision screens alone: export it as HDR10, HLG or SDR.")
        )
    return picture


def sound_of(report: Mapping[str, Any], number: int | None) -> Mapping[str, Any] | None:
    """The sound that is heard: the track of this number, else the default one that can be heard,
    else the first. Raises SourceRefused where no track has that number."""
    heard = sounds(report)
    if number is None:
        audible = [track for track in heard if is_audible(track)]
        return min(audible, key=lambda track: not track["disposition"]["default"], default=None)
    if not 1 <= number <= len(heard) or not is_audible(heard[number - 1]):
        raise SourceRefused(
            _("The file has no sound track %(number)d that can be heard.") % {"number": number}
        )
    return heard[number - 1]


def sounds(report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The sound tracks, in the order of the file."""
    return [track for track in report["streams"] if track.get("codec_type") == "audio"]


def listed(track: Mapping[str, Any], number: int) -> dict[str, Any]:
    """A sound track as people choose it: plain values."""
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
    """A stranger's words, in one line, without signs that change how the rest of a page is read."""
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())


def captions_of(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The tracks of captions in words, as people choose them: plain values."""
    found = [track for track in report["streams"] if track.get("codec_type") == "subtitle"]
    return [
        listed(track, number)
        for number, track in enumerate(found, 1)
        if track.get("codec_name") in CAPTIONS
    ]


def has_alpha_beside(picture: Mapping[str, Any]) -> bool:
    """Whether a WebM file keeps transparency beside its picture."""
    tags = {name.lower(): str(value) for name, value in picture.get("tags", {}).items()}
    return tags.get("alpha_mode") == "1"


def is_audible(track: Mapping[str, Any]) -> bool:
    """Whether it is known how to play a sound track."""
    return bool(int(track.get("channels") or 0) and track.get("codec_name"))


def is_picture(track: Mapping[str, Any]) -> bool:
    """Whether a track is moving pictures."""
    return track.get("codec_type") == "video" and not is_cover(track)


def is_cover(track: Mapping[str, Any]) -> bool:
    """Whether a track is the picture on an album, or a thumbnail."""
    disposition = track.get("disposition", {})
    return bool(disposition.get("attached_pic") or disposition.get("timed_thumbnails"))


def is_still(track: Mapping[str, Any]) -> bool:
    """Whether a track is a single picture, as far as the file tells: a thumbnail that says of
    itself neither that it is one nor that it is attached. Matroska counts no pictures, but its
    writers tell how long a track lasts."""
    if count := track.get("nb_frames"):
        return bool(count == "1")
    tags = {name.lower(): str(value) for name, value in track.get("tags", {}).items()}
    lasts = LASTS.match(tags.get("duration", ""))
    return track.get("codec_name") in STILLS and not (lasts and any(map(int, lasts.groups())))


def is_encrypted(track: Mapping[str, Any]) -> bool:
    """Whether the container says that a track is encrypted."""
    return any("ncryption" in data.get("side_data_type", "") for data in side_data(track))


def side_data(track: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What the container says about a track besides."""
    return list(track.get("side_data_list", []))
