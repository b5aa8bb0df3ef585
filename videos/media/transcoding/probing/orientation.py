"""How a picture has to be rotated to be upright."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from videos.media.transcoding.probing.ffprobe import read_frames
from videos.media.transcoding.probing.streams import side_data
from videos.media.transcoding.probing.track_ends import is_shifted_by_track

# Codecs whose frames may carry a display orientation
ROTATING_CODECS = {"h264", "hevc", "vvc"}
# Packets within which a key frame comes, where a file may begin in the middle of a group
PACKETS_TO_KEY_FRAME = 300


def rotation_of(picture: Mapping[str, Any]) -> int:
    """Degrees clockwise, 0 to 359, that show a picture upright, by its side data."""
    for data in side_data(picture):
        if "rotation" in data:  # ffprobe counts anticlockwise
            turn = -float(data["rotation"])
            quarter = 90 * round(turn / 90)  # ffmpeg rounds nearly quarter turns as well
            return (quarter if abs(turn - quarter) <= 1 else round(turn)) % 360
    return 0


def rotation_of_first_frame(
    source: Path, report: Mapping[str, Any], picture: Mapping[str, Any]
) -> int:
    """The rotation in the first frame's display orientation (ITU-T H.264, D.2.27).

    ffmpeg applies it, and containers such as MPEG-TS have no other.
    """
    if picture.get("codec_name") not in ROTATING_CODECS:
        return 0
    count = PACKETS_TO_KEY_FRAME if is_shifted_by_track(report) else 1
    entries = "frame=pts:frame_side_data=rotation"
    frames = read_frames(source, picture, entries, f"%+#{count}", "-skip_frame", "nokey")
    return rotation_of(frames[0]) if frames else 0
