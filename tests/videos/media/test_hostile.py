"""Files made to do harm: one sentence, nothing left, and nothing that they name is read."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.videos.media import difficult as make
from tests.videos.media.checks import assert_refused, assert_whole_set
from tests.videos.media.conftest import ffmpeg, tools_running, within

PLAYLIST = "Refused: This is a playlist, not a video. Upload the video itself."
TEXT = "Refused: This is a text file, not a video."
UNKNOWN = (
    "Refused: This file cannot be read as a video: it is damaged, or its format is not supported."
)
BROKEN_OFF = "Refused: The file is incomplete. Export or copy it again."
PROTECTED = (
    "Refused: The file is protected and cannot be played. Export it without copy protection."
)
PICTURE = "Refused: This is a still picture, not a video."
ARCHIVE = "Refused: This is an archive, not a video. Unpack it and upload the video itself."
SECRET = "file:///etc/passwd"
HEAD = b"\0\0\0\x14ftypisom\0\0\0\0isom"


def box(name: bytes, content: bytes = b"") -> bytes:
    return (8 + len(content)).to_bytes(4) + name + content


def nested(depth: int) -> bytes:
    content = b""
    for _ in range(depth):
        content = box(b"moov", content)
    return content


REFUSED: dict[str, tuple[bytes, str]] = {
    "smil": (f'<smil><body><video src="{SECRET}"/></body></smil>'.encode(), PLAYLIST),
    "xspf": (f'<?xml version="1.0"?><playlist><location>{SECRET}'.encode(), PLAYLIST),
    "manifest": (f'<?xml version="1.0"?>\n<MPD><BaseURL>{SECRET}</BaseURL>'.encode(), PLAYLIST),
    "entity": (f'<!DOCTYPE a [<!ENTITY b SYSTEM "{SECRET}">]><MPD>&b;</MPD>'.encode(), TEXT),
    "asx": (f'<ASX><ENTRY><REF HREF="{SECRET}"/></ENTRY></ASX>'.encode(), PLAYLIST),
    "concat": (b"ffconcat version 1.0\nfile /etc/passwd\n", PLAYLIST),
    "concat in utf-16": ("ffconcat version 1.0\nfile /etc/passwd\n".encode("utf-16"), PLAYLIST),
    "edl": (b"# mpv EDL v0\n/etc/passwd,0,5\n", TEXT),
    "hls with noise": (b"#EXTM3U\n\0\xff\xfe#EXTINF:1\n/etc/passwd", PLAYLIST),
    "reference movie": (
        HEAD + box(b"moov", box(b"rmra", box(b"rmda", box(b"rdrf", bytes(9) + SECRET.encode())))),
        PLAYLIST,
    ),
    "svg": (f'<svg><image href="{SECRET}"/></svg>'.encode(), TEXT),
    "session": (b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 1234 RTP/AVP 96\n", TEXT),
    "captions": (b"[Script Info]\nScriptType: v4.00+\n", TEXT),
    "numbered pictures": (b"\xff\xd8\xff\xe0" + bytes(500), PICTURE),
    "zip": (b"PK\x03\x04\x14\0\x01\0" + bytes(500), ARCHIVE),
    "deep": (HEAD + nested(20_000), UNKNOWN),
    "no way forward": (HEAD + b"\0\0\0\x07moov" * 5000, BROKEN_OFF),
    "a size beyond all": (HEAD + b"\0\0\0\x01moov\x7f" + b"\xff" * 99, BROKEN_OFF),
    "boxes without end": (HEAD + box(b"free") * 300_000, BROKEN_OFF),
    "zeros": (bytes(200_000), UNKNOWN),
}  # fmt: skip


@pytest.fixture
def swept(tmp_path, monkeypatch):
    """A place for temporary files, in which none is left; and no tool either."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    yield
    assert list(temporary.iterdir()) == []
    assert [line for line in tools_running() if str(tmp_path) in line] == []


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.usefixtures("swept")
def test_a_hostile_file_is_refused_in_one_sentence(name, tmp_path):
    content, words = REFUSED[name]
    source = tmp_path / "clip-%03d.mp4"
    source.write_bytes(content)
    began = time.monotonic()
    assert assert_refused(within(source, tmp_path / "set")) == words
    assert time.monotonic() - began < 30


def renamed(old: bytes, new: bytes) -> Callable[[bytearray], bytes]:
    return lambda content: bytes(content.replace(old, new, 1))


def tracks_without_end(content: bytearray) -> bytes:
    at = content.index(b"trak") - 4
    track = bytes(content[at : at + int.from_bytes(content[at : at + 4])]) * 3000
    content[at:at] = track
    return bytes(make.resized(content, (b"moov",), len(track)))


def outside(content: bytearray) -> bytes:
    """The picture lies in another file, says the file."""
    at = content.index(b"url ", content.index(b"dref"))
    content[at + 4 : at + 8] = bytes(4)
    content[at + 8 : at + 8] = SECRET.encode() + b"\0"
    path = (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref", b"url ")
    return bytes(make.resized(content, path, len(SECRET) + 1))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (renamed(b"avc1\0\0\0\0", b"encv\0\0\0\0"), PROTECTED),
        (renamed(b"avc1\0\0\0\0", b"drmi\0\0\0\0"), PROTECTED),
        (renamed(b"mp4a\0\0\0\0", b"enca\0\0\0\0"), PROTECTED),
        (tracks_without_end, UNKNOWN),
    ],
    ids=["common encryption", "fairplay", "sound alone", "tracks"],
)
@pytest.mark.usefixtures("swept")
def test_a_changed_video_is_refused_in_one_sentence(change, words, tmp_path):
    source = tmp_path / "clip.mp4"
    make.patched(make.clip(), "whole.mp4", change)(source)
    assert assert_refused(within(source, tmp_path / "set")) == words


def linked(path: Path) -> None:
    """Matroska that says it goes on in another file, with a secret's name attached."""
    whole, note = make.beside(path, "whole.mkv"), make.beside(path, "note.txt")
    note.write_text("/etc/passwd")
    make.clip()(whole)
    ffmpeg("-i", str(whole), "-map", "0", "-c", "copy", "-attach", str(note),
           "-metadata:s:t", "mimetype=text/plain", "-metadata:s:t", "filename=/etc/passwd",
           str(path))  # fmt: skip
    content = bytearray(path.read_bytes())
    # NextUID and NextFilename (RFC 9559, section 5.1.2) in the place of what wrote the file
    at = content.index(b"\x4d\x80")
    size = content[at + 2] & 0x7F
    name = b"/etc/passwd".ljust(size, b"\0")[:size]
    content[at : at + 3 + size] = b"\x3e\x83" + bytes([0x80 | size]) + name
    path.write_bytes(content)


def captioned_with_an_include(path: Path) -> None:
    words, whole = make.beside(path, "words.ass"), make.beside(path, "whole.mkv")
    words.write_text(
        "[Script Info]\nScriptType: v4.00+\n[V4+ Styles]\nFormat: Name, Fontname\n"
        "Style: A,/etc/passwd\n[Events]\nFormat: Start, End, Style, Text\n"
        "Dialogue: 0:00:00.00,0:00:01.00,A,{\\fn/etc/passwd}hello\n"
    )
    make.clip()(whole)
    ffmpeg("-i", str(whole), "-i", str(words), "-map", "0", "-map", "1", "-c", "copy", str(path))


@pytest.mark.parametrize(
    ("name", "maker"),
    [
        ("outside.mp4", make.patched(make.clip(), "whole.mp4", outside)),
        ("linked.mkv", linked),
        (
            "polyglot.mp4",
            make.patched(
                make.clip(), "whole.mp4", lambda c: bytes(c) + b"%PDF-1.4\nPK\x05\x06" + bytes(18)
            ),
        ),
        ("subtitles.mkv", captioned_with_an_include),
    ],
)
@pytest.mark.usefixtures("swept")
def test_what_a_video_names_besides_is_left_alone(name, maker, tmp_path):
    source = tmp_path / name
    maker(source)
    told = assert_whole_set(ran := within(source, tmp_path / "set"))
    assert told["source"]["seconds"] == pytest.approx(2, abs=0.1)
    secret = Path("/etc/passwd").read_bytes()[:20]
    assert not [f for f in ran.folder.rglob("*") if f.is_file() and secret in f.read_bytes()]
