"""The first look at a file, which meets whatever people upload."""

import subprocess
import sys
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videos.media.transcoding import boxes as boxes_module
from videos.media.transcoding.boxes import boxes
from videos.media.transcoding.sandbox.sniff import (
    ASF,
    ASF_ENCRYPTED,
    Kind,
    kind_of,
    readable_bytes,
)


def box(name: bytes, content: bytes = b"") -> bytes:
    return (8 + len(content)).to_bytes(4) + name + content


def sample(name: bytes) -> bytes:
    """A movie header with one track whose description is `name`."""
    described = box(b"stsd", bytes(8) + box(name, bytes(20)))
    inner = described
    for outer in (b"stbl", b"minf", b"mdia", b"trak", b"moov"):
        inner = box(outer, inner)
    return inner


FILE = box(b"ftyp", b"isom") + sample(b"avc1") + box(b"mdat", bytes(100))
# A movie whose pictures come in fragments: begun, one of them, and all of them
BEGUN = box(b"ftyp", b"iso5") + box(b"moov", sample(b"avc1")[8:] + box(b"mvex", bytes(8)))
FRAGMENT = box(b"moof", bytes(20)) + box(b"mdat", bytes(30))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", Kind.EMPTY),
        (b"hello", Kind.TEXT),
        ("Größe".encode("utf-16"), Kind.TEXT),
        (b"\n\n  #EXTM3U\n", Kind.PLAYLIST),
        (b"\xef\xbb\xbf#EXTM3U\n", Kind.PLAYLIST),
        (b"[playlist]\nFile1=/etc/passwd", Kind.PLAYLIST),
        (b'<?xml version="1.0"?><MPD>', Kind.PLAYLIST),
        ("#EXTM3U\n".encode("utf-16"), Kind.PLAYLIST),
        (b"ffconcat version 1.0\nfile /etc/passwd", Kind.PLAYLIST),
        (b'<smil><body><video src="file:///etc/passwd"/>', Kind.PLAYLIST),
        (b'<ASX version="3.0"><ENTRY>', Kind.PLAYLIST),
        (b'<?xml version="1.0"?><playlist xmlns="http://xspf.org/ns/0/">', Kind.PLAYLIST),
        (box(b"ftyp", b"qt  ") + box(b"moov", box(b"rmra", bytes(40))), Kind.PLAYLIST),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/>', Kind.TEXT),
        (b"# mpv EDL v0\n/etc/passwd,0,5\n", Kind.TEXT),
        (b"v=0\nm=video 1234 RTP/AVP 96\n", Kind.TEXT),
        (b"\r\n<html><title>502 Bad Gateway</title>", Kind.TEXT),
        (b"GIF89a\0", Kind.PICTURE),
        (box(b"ftyp", b"heic"), Kind.PICTURE),
        (b"%PDF-1.7\n\xff", Kind.DOCUMENT),
        (b"PK\x03\x04\0", Kind.ARCHIVE),
        (b"PK\x05\x06" + bytes(18), Kind.ARCHIVE),
        (b"clip.mp4" + bytes(249) + b"ustar\0" + b"00\xff", Kind.ARCHIVE),
        (ASF + bytes(30) + ASF_ENCRYPTED[0] + bytes(30), Kind.PROTECTED),
        (ASF + bytes(90), Kind.MAYBE_VIDEO),
        (FILE, Kind.MAYBE_VIDEO),
        (FILE + b"PK\x03\x04" + bytes(40), Kind.MAYBE_VIDEO),
        (FILE[:-1], Kind.BROKEN_OFF),
        (box(b"ftyp", b"isom") + box(b"mdat", bytes(9)), Kind.BROKEN_OFF),
        (FILE + b"\0\0\0\x20junk", Kind.MAYBE_VIDEO),
        (FILE.replace(b"avc1", b"encv"), Kind.PROTECTED),
        (box(b"ftyp", b"isom") + box(b"thum", bytes(50)) + FILE[12:], Kind.MAYBE_VIDEO),
        (box(b"ftyp", b"isom") + box(b"\xa9xyz", bytes(50)) + FILE[12:], Kind.MAYBE_VIDEO),
        (box(b"thum", bytes(50)) + FILE, Kind.MAYBE_VIDEO),
        (FILE + b"\0\0\x20\0free" + bytes(9), Kind.MAYBE_VIDEO),
        (FILE + b"\0\0\x20\0what", Kind.MAYBE_VIDEO),
        (FILE + bytes(4096), Kind.MAYBE_VIDEO),
        (box(b"ftyp", b"isom") + b"\0\0\x20\0free" + bytes(9), Kind.BROKEN_OFF),
        (BEGUN + FRAGMENT, Kind.MAYBE_VIDEO),
        (BEGUN + 2 * FRAGMENT + b"\0\0\x20\0free", Kind.MAYBE_VIDEO),
        (b"RIFF\xff\xff\0\0AVI LIST", Kind.BROKEN_OFF),
        (b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x88abc", Kind.BROKEN_OFF),
        (b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\xffabc", Kind.MAYBE_VIDEO),
        (b"\x47\0\x11\0" * 100, Kind.MAYBE_VIDEO),
    ],
)
def test_a_file_is_known_by_its_bytes(content, kind):
    assert kind_of(BytesIO(content)) == kind


@pytest.mark.parametrize("around", [b"", box(b"styp", bytes(8)) + box(b"sidx", bytes(30))])
def test_a_recording_in_fragments_that_broke_off_is_unfinished_after_the_first(around):
    fragment = around + FRAGMENT
    first = len(BEGUN + fragment)
    whole = BEGUN + 2 * fragment
    assert {kind_of(BytesIO(whole[:size])) for size in range(60, len(BEGUN))} == {Kind.BROKEN_OFF}
    kinds = {size: kind_of(BytesIO(whole[:size])) for size in range(first, len(whole) + 1)}
    # Where a fragment ends, nothing tells that another one was to come.
    between = {first, len(whole), *(first + len(box) for box in (around, around[:16]) if box)}
    assert {size for size, kind in kinds.items() if kind is Kind.MAYBE_VIDEO} == between
    assert {kinds[size] for size in kinds if size not in between} == {Kind.UNFINISHED}


@pytest.mark.parametrize("around", [b"", box(b"styp", bytes(8)) + box(b"sidx", bytes(30))])
def test_a_recording_that_broke_off_is_read_to_its_last_whole_box_or_into_its_pictures(around):
    whole = BEGUN + 3 * (around + FRAGMENT)
    ends = [box.end for box in boxes(BytesIO(whole), 0, len(whole))]
    pictures = {at + n for at in range(len(whole)) if whole[at + 4 : at + 8] == b"mdat"
                for n in range(8, 38)}  # fmt: skip
    for size in range(len(BEGUN + around + FRAGMENT) + 1, len(whole) + 1):
        last = max(end for end in ends if end <= size)
        read = None if size in pictures or size == last else last
        assert readable_bytes(BytesIO(whole[:size])) == read, size


@pytest.mark.parametrize("content", [FILE, FILE[:-1], BEGUN, BEGUN + FRAGMENT, b"", b"text"])
def test_what_did_not_break_off_is_read_to_its_end(content):
    assert readable_bytes(BytesIO(content)) is None


@pytest.mark.parametrize("most", range(2, 12))
@pytest.mark.parametrize("tail", [b"", b"\0\0\0"])
def test_a_recording_of_more_boxes_than_are_looked_at_is_read_to_its_end(most, tail, monkeypatch):
    whole = BEGUN + 6 * FRAGMENT + tail
    monkeypatch.setattr(boxes_module, "MAX_BOXES", most)
    assert kind_of(BytesIO(whole)) == Kind.MAYBE_VIDEO
    assert readable_bytes(BytesIO(whole)) is None


def test_a_recording_that_broke_off_at_the_last_box_that_is_looked_at_is_known(monkeypatch):
    monkeypatch.setattr(boxes_module, "MAX_BOXES", 5)
    broken = BEGUN + FRAGMENT + box(b"moof", bytes(20))
    assert kind_of(BytesIO(broken)) == Kind.UNFINISHED
    assert readable_bytes(BytesIO(broken + b"\0\0\0")) == len(broken)


@pytest.mark.parametrize("whole", [FILE, BEGUN + FRAGMENT])
def test_without_one_whole_piece_of_the_film_it_is_broken_off(whole):
    for size in (20, 60, len(whole) - 29, len(whole) - 1):
        assert kind_of(BytesIO(whole[:size])) == Kind.BROKEN_OFF


def test_boxes_within_boxes_do_not_go_on_for_ever():
    deep = b""
    for _ in range(5000):
        deep = box(b"moov", deep)
    assert kind_of(BytesIO(box(b"ftyp", b"isom") + deep)) == Kind.MAYBE_VIDEO


def test_boxes_within_boxes_are_looked_at_up_to_a_bound(monkeypatch):
    monkeypatch.setattr(boxes_module, "MAX_BOXES", 50)
    tracks = box(b"moov", box(b"trak", box(b"mdia") * 30) * 30)
    file = Counted(box(b"ftyp", b"isom") + tracks * 30)
    assert kind_of(file) == Kind.MAYBE_VIDEO
    assert file.reads <= 2 * 50 + 1  # at the top, and below; and the first bytes


class Counted(BytesIO):
    """A file that counts how often it is read."""

    reads = 0

    def read(self, *size: int) -> bytes:
        self.reads += 1
        return super().read(*size)


@pytest.mark.parametrize(
    "head",
    [
        b"<!---->" * 580,
        b"<!--" * 1000,
        b"<!-- -->\n" * 400 + b"<!--",
        b"<?xml" * 800,
        b"<?xml>" + b" " * 4000,
        b"<!-->" * 800,
    ],
)
def test_no_text_takes_more_than_a_moment(head):
    """In a process of its own: what goes on for ever is not to be stopped by another thread."""
    told = (
        "import sys; from videos.media.transcoding.sandbox.sniff import kind_of_head;"
        "print(kind_of_head(sys.stdin.buffer.read()).name)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", told], input=head + b"<x>", capture_output=True, timeout=20,
        check=True,
    )  # fmt: skip
    assert ran.stdout.strip() == b"TEXT"


def test_a_playlist_after_comments_is_one():
    assert kind_of(BytesIO(b"<!-- a --> <!-- b -->\n<MPD>")) == Kind.PLAYLIST


@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda tail: FILE[:60] + tail))
def test_any_bytes_are_answered(content):
    assert kind_of(BytesIO(content)) in Kind
    end = readable_bytes(BytesIO(content))
    assert end is None or 0 < end < len(content)
