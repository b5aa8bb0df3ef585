"""The first look at a file, which meets whatever people upload."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videos.media.sniff import ASF, ASF_ENCRYPTED, Kind, kind_of


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
        (b"RIFF\xff\xff\0\0AVI LIST", Kind.BROKEN_OFF),
        (b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x88abc", Kind.BROKEN_OFF),
        (b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\xffabc", Kind.MAYBE_VIDEO),
        (b"\x47\0\x11\0" * 100, Kind.MAYBE_VIDEO),
    ],
)
def test_a_file_is_known_by_its_bytes(content, kind):
    assert kind_of(BytesIO(content)) == kind


def test_boxes_within_boxes_do_not_go_on_for_ever():
    deep = b""
    for _ in range(5000):
        deep = box(b"moov", deep)
    assert kind_of(BytesIO(box(b"ftyp", b"isom") + deep)) == Kind.MAYBE_VIDEO


@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda tail: FILE[:60] + tail))
def test_any_bytes_are_answered(content):
    assert kind_of(BytesIO(content)) in Kind
