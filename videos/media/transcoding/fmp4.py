"""CMAF segments as bytes (ISO/IEC 14496-12): finds their first picture, joins them to one file."""

import os
import shutil
import struct
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

from videos.media.transcoding.boxes import Box, boxes

# Flags of `tfhd` and `trun` that say which optional fields follow
BASE_OFFSET, DESCRIPTION, DURATION, SIZE = 0x01, 0x02, 0x08, 0x10
DATA_OFFSET, FIRST_FLAGS, SAMPLE_DURATION, SAMPLE_SIZE = 0x01, 0x04, 0x100, 0x200


class ByteRange(NamedTuple):
    """A range of bytes of a file."""

    offset: int
    length: int


def first_picture(segment: Path) -> ByteRange:
    """The bytes of a segment from its `moof` to the end of its first picture.

    An I-frame playlist refers to this range. Raises ValueError for another kind of file.
    """
    with segment.open("rb") as file:
        begin, moof = first_fragment(file)
    fragment = BytesIO(moof)
    inner = next(box for box in boxes(fragment, 8, len(moof)) if box.name == b"traf")
    parts = {box.name: box.content for box in boxes(fragment, inner.content, inner.end)}
    offset, size = first_sample(moof, parts[b"trun"], default_size(moof, parts[b"tfhd"]))
    return ByteRange(begin, offset + size)


def first_fragment(file: BinaryIO) -> tuple[int, bytes]:
    """(offset, bytes) of the first `moof` of a file. Raises ValueError."""
    for box in top_level_boxes(file):
        if box.name == b"moof":
            file.seek(box.start)
            return box.start, file.read(box.end - box.start)
    raise ValueError("no movie fragment")


def top_level_boxes(file: BinaryIO) -> Iterator[Box]:
    """The boxes of a file that lie in no other."""
    return boxes(file, 0, file.seek(0, os.SEEK_END))


def media_bytes(files: Iterable[Path]) -> int:
    """Bytes of media in some files: their `mdat` boxes without the headers."""
    total = 0
    for path in files:
        with path.open("rb") as file:
            total += sum(
                box.end - box.content for box in top_level_boxes(file) if box.name == b"mdat"
            )
    return total


def default_size(moof: bytes, tfhd: int) -> int:
    """The size of a sample that has no size of its own."""
    (flags,) = struct.unpack_from(">I", moof, tfhd)
    at = tfhd + 8  # after flags and the track's number
    for flag, length in ((BASE_OFFSET, 8), (DESCRIPTION, 4), (DURATION, 4)):
        at += length if flags & flag else 0
    return int(struct.unpack_from(">I", moof, at)[0]) if flags & SIZE else 0


def first_sample(moof: bytes, trun: int, default: int) -> tuple[int, int]:
    """(offset from the `moof`, size) of the first sample of a run. Raises ValueError."""
    flags, count = struct.unpack_from(">II", moof, trun)
    if not (flags & DATA_OFFSET and count):
        raise ValueError("a fragment without samples")
    (offset,) = struct.unpack_from(">i", moof, trun + 8)
    at = trun + 12 + (4 if flags & FIRST_FLAGS else 0) + (4 if flags & SAMPLE_DURATION else 0)
    size = struct.unpack_from(">I", moof, at)[0] if flags & SAMPLE_SIZE else default
    return offset, size


@contextmanager
def joined_file(init: Path, segments: Sequence[Path]) -> Iterator[Path]:
    """The path of a temporary MP4 file with some segments of a rendition."""
    with tempfile.NamedTemporaryFile(suffix=".mp4") as whole:
        for part in (init, *segments):
            with part.open("rb") as file:
                shutil.copyfileobj(file, whole)
        whole.flush()
        yield Path(whole.name)
