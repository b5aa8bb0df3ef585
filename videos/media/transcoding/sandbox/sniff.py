"""Detects the kind of a file by its first bytes, and whether its container is complete.

Plain Python, because it is the first to read an untrusted file: it reads a few kilobytes and
follows no references.
"""

import enum
import os
import re
from collections.abc import Iterator
from typing import BinaryIO

from videos.media.transcoding.boxes import box_budget, boxes


class Kind(enum.Enum):
    """The kind of a file, by its bytes."""

    EMPTY = "empty"
    TEXT = "text"
    PLAYLIST = "playlist"
    PICTURE = "picture"
    DOCUMENT = "document"
    ARCHIVE = "archive"
    BROKEN_OFF = "broken off"
    PROTECTED = "protected"
    UNFINISHED = "unfinished"  # an incomplete recording in fragments: what is there can be played
    MAYBE_VIDEO = "maybe video"


HEAD = 4096
# The comments are matched atomically (`?>`): with backtracking, a few dozen of them would take
# exponential time.
PLAYLISTS = re.compile(
    rb"#EXTM3U|\[playlist\]|\[reference\]|ffconcat version|#EXT-X-|"
    rb"(<\?xml[^>]*>\s*)?(?><!--.*?-->\s*)*<(MPD|smil|asx|playlist|SmoothStreamingMedia)\b",
    re.IGNORECASE | re.DOTALL,
)
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"8BPS", b"\xff\x0a")
PICTURE_BRANDS = {b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis", b"jxl "}
DOCUMENTS = (b"%PDF", b"{\\rtf", b"\xd0\xcf\x11\xe0")
ARCHIVES = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"PK\x07\x08",
    b"\x1f\x8b",
    b"7z\xbc\xaf",
    b"Rar!",
    b"BZh",
    b"\xfd7zXZ",
    b"\x28\xb5\x2f\xfd",
)
# The objects that mark an encrypted Windows Media file (ASF, sections 3.14 and 3.15)
ASF = b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"
ASF_ENCRYPTED = (
    b"\xfb\xb3\x11\x22\x23\xbd\xd2\x11\xb4\xb7\x00\xa0\xc9\x55\xfc\x6e",
    b"\x14\xe6\x8a\x29\x22\x26\x17\x4c\xb9\x35\xda\xe0\x7e\xe9\x28\x9c",
)
# The top-level boxes of the MP4 family (ISO/IEC 14496-12, QuickTime)
TOP_BOXES = {
    b"ftyp", b"moov", b"mdat", b"moof", b"free", b"skip", b"wide", b"pnot", b"uuid", b"meta",
    b"sidx", b"styp", b"mfra", b"pdin", b"emsg", b"ssix", b"prft",
}  # fmt: skip
CONTAINER_BOXES = {b"moov", b"trak", b"mdia", b"minf", b"stbl"}
# Boxes that must be complete; others hold nothing of the video, and may be cut off.
NEEDED_BOXES = {b"moov", b"mdat", b"moof", b"styp", b"sidx", b"emsg", b"prft"}
BOX_NAME = re.compile(rb"[ -~\xa9][ -~]{3}")


def kind_of(file: BinaryIO) -> Kind:
    """What `file` (seekable, of any content) is."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(HEAD)
    if not head:
        return Kind.EMPTY
    if known := kind_of_head(head):
        return known
    if head[4:8] in TOP_BOXES:
        return kind_of_boxes(file, size)
    if is_cut_short(head, size):
        return Kind.BROKEN_OFF
    return Kind.MAYBE_VIDEO


def kind_of_head(head: bytes) -> Kind | None:
    """The kind by the first bytes alone; None where they do not decide."""
    start = without_bom(head).lstrip()
    if PLAYLISTS.match(start):
        return Kind.PLAYLIST
    if head.startswith(PICTURES) or (head.startswith(b"RIFF") and head[8:12] == b"WEBP"):
        return Kind.PICTURE
    if head.startswith(b"BM") and head[6:10] == bytes(4):
        return Kind.PICTURE
    if (head[4:8] == b"ftyp" and head[8:12] in PICTURE_BRANDS) or head[4:8] == b"JXL ":
        return Kind.PICTURE
    if head.startswith(DOCUMENTS):
        return Kind.DOCUMENT
    if head.startswith(ARCHIVES) or head[257:262] == b"ustar":
        return Kind.ARCHIVE
    if head.startswith(ASF) and any(marker in head for marker in ASF_ENCRYPTED):
        return Kind.PROTECTED
    return Kind.TEXT if is_text(head) else None


def without_bom(head: bytes) -> bytes:
    """The bytes without a byte order mark; UTF-16 converted to UTF-8."""
    for mark, name in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            return head[2:].decode(name, "replace").encode(errors="replace")
    return head.removeprefix(b"\xef\xbb\xbf")


def is_text(head: bytes) -> bool:
    """Whether the bytes are text in UTF-8 or UTF-16."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    try:
        text = head.decode()
    except UnicodeDecodeError as broken:
        if broken.start < len(head) - 3:  # a character may be cut off at the end
            return False
        text = head[: broken.start].decode()
    return all(letter.isprintable() or letter in "\t\r\n\f\x1b" for letter in text)


def is_cut_short(head: bytes, size: int) -> bool:
    """Whether an AVI or Matroska file is shorter than its header says."""
    if head.startswith(b"RIFF") and head[8:11] == b"AVI":
        return int.from_bytes(head[4:8], "little") + 8 > size + 1
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        segment = head.find(b"\x18\x53\x80\x67")
        if segment < 0:
            return False
        length = ebml_length(head[segment + 4 : segment + 12])
        return length is not None and segment + 5 + length > size
    return False


def ebml_length(octets: bytes) -> int | None:
    """An EBML length (RFC 8794, section 4); None if it is unknown."""
    if not octets or not octets[0]:
        return None
    width = 9 - octets[0].bit_length()
    value = int.from_bytes(octets[:width], "big") & ((1 << 7 * width) - 1)
    return None if value == (1 << 7 * width) - 1 else value


def kind_of_boxes(file: BinaryIO, size: int) -> Kind:
    """Whether a file of the MP4 family is complete, incomplete or encrypted.

    Unknown boxes are skipped, as ISO/IEC 14496-12 (4.2) requires. Whether a recording is incomplete
    is only decided where its last box was reached.
    """
    index = in_fragments = has_fragment = False
    name, end = b"", 0
    budget = box_budget()
    for name, _start, content, end in boxes(file, 0, size):
        if not BOX_NAME.fullmatch(name):
            break
        if end > size and name in NEEDED_BOXES:
            return Kind.UNFINISHED if has_fragment else Kind.BROKEN_OFF
        if name == b"moov":
            index = True
            inner = {box.name for box in boxes(file, content, end, budget)}
            if b"rmra" in inner:
                return Kind.PLAYLIST  # a reference movie (QuickTime)
            if is_protected(file, content, end, budget):
                return Kind.PROTECTED
            in_fragments = b"mvex" in inner
        has_fragment |= in_fragments and name == b"mdat"
    is_at_end = end > size - 8  # else too many boxes follow, or something else
    if has_fragment and is_at_end and (name == b"moof" or end < size):
        return Kind.UNFINISHED
    return Kind.MAYBE_VIDEO if index else Kind.BROKEN_OFF


def readable_bytes(file: BinaryIO) -> int | None:
    """How many bytes of an incomplete recording can be read; None for all of them, or if unknown.

    ffmpeg refuses the whole file where a box of metadata is cut off: the file is read to its last
    complete box then. A box of media (`mdat`) that is cut off is usable as far as it goes.
    """
    if kind_of(file) is not Kind.UNFINISHED:
        return None
    size = file.seek(0, os.SEEK_END)
    whole = 0
    for name, _start, _content, end in boxes(file, 0, size):
        if end > size:
            return None if name == b"mdat" else whole
        whole = end
    return whole if whole < size else None


def is_protected(
    file: BinaryIO, start: int, end: int, budget: Iterator[int], depth: int = 5
) -> bool:
    """Whether a sample description is of encrypted media."""
    for name, _start, content, stop in boxes(file, start, end, budget):
        if name == b"stsd":
            file.seek(content + 12)
            if file.read(4) in {b"encv", b"enca", b"drmi", b"drms"}:
                return True
            continue
        inner = depth > 0 and name in CONTAINER_BOXES
        if inner and is_protected(file, content, min(stop, end), budget, depth - 1):
            return True
    return False
