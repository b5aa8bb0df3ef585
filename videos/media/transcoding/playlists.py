"""Writes the playlists of a set that lead to its renditions: the master and those of key frames."""

import logging
import struct
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from videos.media.errors import EncodeFailed
from videos.media.transcoding import fmp4, hls
from videos.media.transcoding.failures import incomplete
from videos.media.transcoding.ladder import Rung
from videos.media.transcoding.source_info import SourceInfo

log = logging.getLogger(__name__)


def write_playlists(
    folder: Path,
    info: SourceInfo,
    rungs: Sequence[Rung],
    pictures: Sequence[hls.Media],
    sound: hls.Media | None,
) -> list[hls.Variant]:
    """Write the master playlist and those of key frames; returns the variants of the master.

    Raises EncodeFailed.
    """
    average, peak = bit_rates(folder / hls.SOUND_FOLDER, sound) if sound else (0, 0)
    variants, key_frames = [], []
    for rung, media in zip(rungs, pictures, strict=True):
        place = folder / rung.folder
        picture = hls.Variant(
            f"{rung.folder}/{hls.PLAYLIST}",
            rung.width,
            rung.height,
            *bit_rates(place, media),
            hls.picture_codec((place / media.init).read_bytes()),
        )
        key_frames.append(key_frame_variant(place, media, picture))
        variants.append(
            replace(
                picture,
                average=picture.average + average,
                peak=picture.peak + peak,
                codecs=picture.codecs + (f",{hls.AAC}" if sound else ""),
            )
        )
    sound_path = f"{hls.SOUND_FOLDER}/{hls.PLAYLIST}" if sound else None
    text = hls.master(variants, info.constant_rate, sound=sound_path, keys=key_frames)
    (folder / hls.MASTER).write_text(text)
    return variants


def key_frame_variant(place: Path, media: hls.Media, picture: hls.Variant) -> hls.Variant:
    """The master's entry for the key frames of a rendition; writes their playlist.

    Raises EncodeFailed.
    """
    found = write_key_frames(place, media)
    lengths = [seconds for _name, seconds in media.segments]
    average, peak = hls.bit_rates(
        [(seconds, part.length) for seconds, part in zip(lengths, found, strict=True)]
    )
    return replace(picture, path=f"{place.name}/{hls.KEY_FRAMES}", average=average, peak=peak)


def write_key_frames(place: Path, media: hls.Media) -> list[fmp4.ByteRange]:
    """Write the playlist of a rendition's key frames; returns where they lie in its segments.

    Raises EncodeFailed where a segment does not begin with a picture.
    """
    try:
        found = [fmp4.first_picture(place / name) for name, _ in media.segments]
    except (ValueError, KeyError, StopIteration, struct.error) as trouble:
        log.exception("no key frame in %s", place)
        raise EncodeFailed(incomplete(), "incomplete") from trouble
    (place / hls.KEY_FRAMES).write_text(hls.key_frame_playlist(media, found))
    return found


def bit_rates(place: Path, media: hls.Media) -> tuple[int, int]:
    """(average, peak) bits per second of a rendition."""
    return hls.bit_rates(
        [(seconds, (place / name).stat().st_size) for name, seconds in media.segments]
    )
