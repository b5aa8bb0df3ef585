"""The end of a rendition: its last segment is never so short that a player passes over it.

hls.js takes a segment for fetched when less of it than 0.25 s is missing, and then waits for ever
for the end of a film that it has whole. AAC begins with 1,024 samples of nothing
(21 ms), so the sound of a film of N × 6 s would have such a segment; so would the picture of one
that is a frame longer. What is too short to stand alone becomes a part of the segment before it:
the samples and their times stay as they are.
"""

from pathlib import Path

from videos.media import playlist
from videos.media.fragments import outer

# Well above what hls.js passes over
SHORTEST_SECONDS = 0.5
PLAYLIST = "index.m3u8"


def is_too_short(media: playlist.Media) -> bool:
    """Whether the last of several segments is too short to stand alone."""
    return len(media.segments) > 1 and media.segments[-1][1] < SHORTEST_SECONDS


def join(place: Path) -> None:
    """Join a last segment that is too short with the one before, in a folder nobody reads yet.

    Does nothing where files are missing: whoever looks the set over says so.
    """
    listed = place / PLAYLIST
    if not listed.is_file():
        return
    text = listed.read_text()
    media = playlist.read(text)
    if not is_too_short(media):
        return
    (before, _), (last, _) = media.segments[-2:]
    if not (place / last).is_file() or not (place / before).is_file():
        return
    with (place / before).open("ab") as whole:
        whole.write(fragments_of(place / last))
    listed.write_text(playlist.with_last_two_joined(text))
    (place / last).unlink()


def fragments_of(segment: Path) -> bytes:
    """The fragments of a segment without what introduces it (its `styp` and `sidx`)."""
    with segment.open("rb") as file:
        kept = [(start, end) for kind, start, end in outer(file) if kind in {b"moof", b"mdat"}]
        parts = []
        for start, end in kept:
            file.seek(start)
            parts.append(file.read(end - start))
    return b"".join(parts)
