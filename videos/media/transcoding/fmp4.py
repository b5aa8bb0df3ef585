"""CMAF segments as bytes (ISO/IEC 14496-12): finds their first picture, joins them to one file."""

import shutil
import struct
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

# Flags of `tfhd` and `trun` that say which optional fields follow
BASE_OFFSET, DESCRIPTION, DURATION, SIZE = 0x01, 0x02, 0x08, 0x10
DATA_OFFSET, FIRST_FLAGS, SAMPLE_DURATION, SAMPLE_SIZE = 0x01, 0x04, 0x100, 0x200


class ByteRange(NamedTuple):
    """A range of bytes of a file."""

    offset: int
    length: int


def child_boxes(
    content: bytes, start: int = 0, end: int | None = None
) -> Iterator[tuple[bytes, int, int]]:
    """(type, start of the content, end) of the boxes in `content`, from `start` to `end`."""
    end = len(content) if end is None else end
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", content, start)
        if size < 8:
            return
        yield kind, start + 8, start + size
        start += size


def first_picture(segment: Path) -> ByteRange:
    """The bytes of a segment from its `moof` to the end of its first picture.

    An I-frame playlist refers to this range. Raises ValueError for another kind of file.
    """
    with segment.open("rb") as file:
        begin, moof = first_fragment(file)
    inner = next(inner for kind, *inner in child_boxes(moof, 8) if kind == b"traf")
    parts = {kind: (start, end) for kind, start, end in child_boxes(moof, *inner)}
    offset, size = first_sample(moof, parts[b"trun"][0], default_size(moof, parts[b"tfhd"][0]))
    return ByteRange(begin, offset + size)


def first_fragment(file: BinaryIO) -> tuple[int, bytes]:
    """(offset, bytes) of the first `moof` of a file. Raises ValueError."""
    for kind, start, end in top_level_boxes(file):
        if kind == b"moof":
            file.seek(start)
            return start, file.read(end - start)
    raise ValueError("no movie fragment")


def top_level_boxes(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """(type, start, end) of the top-level boxes of a file."""
    start = 0
    while len(head := file.read(8)) == 8:
        size, kind = struct.unpack(">I4s", head)
        if size == 1:
            (size,) = struct.unpack(">Q", file.read(8))
        if size < 8:
            return
        yield kind, start, start + size
        start += size
        file.seek(start)


def media_bytes(files: Iterable[Path]) -> int:
    """Bytes of media in some files: their `mdat` boxes without the headers."""
    total = 0
    for path in files:
        with path.open("rb") as file:
            for kind, start, end in top_level_boxes(file):
                if kind == b"mdat":
                    total += end - start - (16 if end - start > 0xFFFFFFFF else 8)
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
