"""The peak brightness of HDR pictures."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from videos.media.transcoding.probing.ffprobe import parse_ratio, read_frames
from videos.media.transcoding.probing.streams import side_data

DEFAULT = 1000  # cd/m²
MAX = Fraction(10_000)  # of the PQ curve


def peak_brightness(source: Path, picture: Mapping[str, Any]) -> int:
    """The peak brightness of a PQ picture in cd/m², by its metadata; else DEFAULT."""
    if picture.get("color_transfer") != "smpte2084":  # HLG has no absolute brightness
        return DEFAULT
    entries = "frame=pts:frame_side_data=max_content,max_luminance"
    frames = read_frames(source, picture, entries, "%+#1")
    metadata = {
        name: value
        for track in [picture, *frames[:1]]
        for data in side_data(track)
        for name, value in data.items()
    }
    for name in ("max_content", "max_luminance"):
        if light := parse_ratio(str(metadata.get(name, ""))):
            return int(min(MAX, light))
    return DEFAULT
