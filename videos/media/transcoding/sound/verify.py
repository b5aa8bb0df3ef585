"""Verifies the sound rendition of a set."""

from pathlib import Path

from videos.media.transcoding import last_segments
from videos.media.transcoding.hls import PLAYLIST, SOUND_FOLDER, Media
from videos.media.transcoding.source_info import SourceInfo
from videos.media.transcoding.verify import verify_decodable, verify_media

# How far the sound may go on after the picture: AAC's priming samples, and the rest of its last
# frame, 1,024 samples each
SLACK_SECONDS = 2 * 1024 / 48_000


def verify_sound(folder: Path, info: SourceInfo) -> Media:
    """The media playlist of a complete sound rendition that decodes. Raises EncodeFailed."""
    place = folder / SOUND_FOLDER
    last_segments.merge_short_end(place)
    media = verify_media(place / PLAYLIST, info.length, slack=SLACK_SECONDS)
    verify_decodable([(place, media)])
    return media
