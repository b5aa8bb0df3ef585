"""The last segment of a rendition: merged with the one before it where players would skip it.

hls.js takes a segment as loaded when less than 0.25 s of it is missing, and then waits for ever for
the end of the video. AAC begins with 1,024 priming samples (21 ms), so the sound of a video of
N × 6 s would have such a segment, and so would the picture of a video that is one frame longer. The
samples and their times stay as they are.
"""

from pathlib import Path

from videos.media.transcoding import hls
from videos.media.transcoding.fmp4 import top_level_boxes

# Well above what hls.js skips
MIN_SECONDS = 0.5


def is_too_short(media: hls.Media) -> bool:
    """Whether the last of several segments is so short that players skip it."""
    return len(media.segments) > 1 and media.segments[-1][1] < MIN_SECONDS


def merge_short_end(place: Path) -> None:
    """Merge a last segment that is too short into the one before it.

    `place` is the folder of a rendition that nobody reads yet. Where files are missing nothing is
    done: `verify_media` reports them.
    """
    playlist = place / hls.PLAYLIST
    if not playlist.is_file():
        return
    text = playlist.read_text()
    media = hls.parse(text)
    if not is_too_short(media):
        return
    (before, _), (last, _) = media.segments[-2:]
    if not (place / last).is_file() or not (place / before).is_file():
        return
    with (place / before).open("ab") as whole:
        whole.write(fragments_of(place / last))
    playlist.write_text(hls.with_last_two_merged(text))
    (place / last).unlink()


def fragments_of(segment: Path) -> bytes:
    """The fragments of a segment, without its `styp` and `sidx` boxes."""
    with segment.open("rb") as file:
        kept = [box for box in top_level_boxes(file) if box.name in {b"moof", b"mdat"}]
        parts = []
        for box in kept:
            file.seek(box.start)
            parts.append(file.read(box.end - box.start))
    return b"".join(parts)
