"""HLS playlists (RFC 8216) as text: parses media playlists, composes master playlists."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

AAC = "mp4a.40.2"  # RFC 6381: AAC, low complexity
# The names in a set's folder; each rendition has a folder of its own
MASTER, PLAYLIST, KEY_FRAMES, INIT = "master.m3u8", "index.m3u8", "keys.m3u8", "init.mp4"
SOUND_FOLDER = "sound"
SEGMENT = re.compile(r"#EXTINF:([0-9.]+),[^\n]*\n([^#\n]+)")
TARGET = re.compile(r"#EXT-X-TARGETDURATION:(\d+)")
MAP = re.compile(r'#EXT-X-MAP:URI="([^"]+)"')


@dataclass(frozen=True)
class Media:
    """A media playlist: its initialization segment, then (name, seconds) of each segment."""

    init: str
    segments: tuple[tuple[str, float], ...]
    ended: bool

    @property
    def seconds(self) -> float:
        return sum(seconds for _name, seconds in self.segments)


@dataclass(frozen=True)
class Variant:
    """An entry of the master. `average` and `peak` are bits per second, with the sound's."""

    path: str
    width: int
    height: int
    average: int
    peak: int
    codecs: str


def parse(text: str) -> Media:
    """A media playlist from the text that ffmpeg wrote."""
    init = MAP.search(text)
    return Media(
        init=init[1] if init else "",
        segments=tuple((name.strip(), float(length)) for length, name in SEGMENT.findall(text)),
        ended="#EXT-X-ENDLIST" in text,
    )


def concatenated(texts: Sequence[str]) -> str:
    """One media playlist from several that follow one another, with the header of the first."""
    head = texts[0][: texts[0].index("#EXTINF")]
    entries = [text[text.index("#EXTINF") : text.index("#EXT-X-ENDLIST")] for text in texts]
    longest = max(int(match) for text in texts for match in TARGET.findall(text))
    head = TARGET.sub(f"#EXT-X-TARGETDURATION:{longest}", head)
    return head + "".join(entries) + "#EXT-X-ENDLIST\n"


def with_last_two_merged(text: str) -> str:
    """The text of a media playlist with the last two segments merged into one."""
    *_others, before, last = SEGMENT.finditer(text)
    length = float(before[1]) + float(last[1])
    entry = f"#EXTINF:{length:.6f},\n{before[2]}"
    text = text[: before.start()] + entry + text[last.end() :]
    return TARGET.sub(lambda match: f"{match[0][:22]}{max(int(match[1]), round(length))}", text)


def bit_rates(segments: Sequence[tuple[float, int]]) -> tuple[int, int]:
    """(average, peak) bits per second of segments given as (seconds, bytes).

    A last segment much shorter than the others is left out of the peak (RFC 8216, 4.3.4.2).
    """
    seconds = sum(length for length, _size in segments)
    average = round(8 * sum(size for _length, size in segments) / seconds)
    longest = max(length for length, _size in segments)
    rates = [round(8 * size / length) for length, size in segments if length >= longest / 2]
    return average, max(average, *rates)


def picture_codec(init: bytes) -> str:
    """The RFC 6381 codec string, from the bytes of an initialization segment. Raises ValueError."""
    return av1_codec(init) if b"av1C" in init else avc_codec(init)


def av1_codec(init: bytes) -> str:
    """The codec string of an AV1 stream (AV1 in ISOBMFF, 5): profile, level, tier, bit depth."""
    at = init.index(b"av1C") + 4
    profile, level = init[at + 1] >> 5, init[at + 1] & 0b11111
    tier = "H" if init[at + 2] & 0x80 else "M"
    deep, deeper = bool(init[at + 2] & 0x40), bool(init[at + 2] & 0x20)
    depth = 8 + 2 * deep + 2 * (deep and deeper)
    return f"av01.{profile}.{level:02}{tier}.{depth:02}"


def avc_codec(init: bytes) -> str:
    """The codec string of an H.264 stream. Raises ValueError."""
    at = init.index(b"avcC") + 4
    return f"avc1.{init[at + 1 : at + 4].hex()}"


def key_frame_playlist(media: Media, found: Sequence[tuple[int, int]]) -> str:
    """The I-frame playlist of a rendition, for trick play (RFC 8216, 4.3.3.6).

    `found` has the (offset, length) of the key frame of each segment.
    """
    longest = max(seconds for _name, seconds in media.segments)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{max(1, round(longest))}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-I-FRAMES-ONLY",
        f'#EXT-X-MAP:URI="{media.init}"',
    ]
    for (name, seconds), (offset, length) in zip(media.segments, found, strict=True):
        lines += [f"#EXTINF:{seconds:.6f},", f"#EXT-X-BYTERANGE:{length}@{offset}", name]
    return "\n".join([*lines, "#EXT-X-ENDLIST"]) + "\n"


def master(
    variants: Sequence[Variant],
    rate: Fraction,
    *,
    sound: str | None,
    keys: Sequence[Variant] = (),
) -> str:
    """The master playlist. `sound` is the path of the sound's playlist, if there is sound; `keys`
    are the I-frame playlists."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    group = ""
    if sound:
        group = ',AUDIO="sound"'
        lines.append(
            '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="Sound",DEFAULT=YES,AUTOSELECT=YES,'
            f'CHANNELS="2",URI="{sound}"'
        )
    for variant in variants:
        lines += [
            f"#EXT-X-STREAM-INF:BANDWIDTH={variant.peak},AVERAGE-BANDWIDTH={variant.average},"
            f'CODECS="{variant.codecs}",RESOLUTION={variant.width}x{variant.height},'
            f"FRAME-RATE={float(rate):.3f}{group}",
            variant.path,
        ]
    lines += [
        f"#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH={key.peak},AVERAGE-BANDWIDTH={key.average},"
        f'CODECS="{key.codecs}",RESOLUTION={key.width}x{key.height},URI="{key.path}"'
        for key in keys
    ]
    return "\n".join(lines) + "\n"
