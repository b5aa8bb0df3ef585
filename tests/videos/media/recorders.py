"""Sources as real recorders, cameras and call tools leave them, made in code.

Each maker writes a file with one peculiarity; `test_recorders.py` says how it is to come out.
"""

from pathlib import Path

from tests.videos.media import difficult as make
from tests.videos.media.conftest import X264, Maker, ffmpeg

MPEG2 = ("-c:v", "mpeg2video", "-b:v", "1M")
VP8, VP9 = ("-c:v", "libvpx", "-b:v", "300k"), ("-c:v", "libvpx-vp9", "-cpu-used", "8")
PICTURE = "color=gray:s=320x180:r=25:d=2"
ALPHA = (
    "color=white:s=320x180:r=25:d=2,format=yuva420p,"
    "geq=lum=235:cb=128:cr=128:a='if(lt(X,160),0,255)'"
)


def sounds(*expressions: str, seconds: float = 2) -> tuple[str, ...]:
    """An input for each track of these expressions; channels are apart by |, X is a beep."""
    listed = []
    for expression in expressions:
        beep = expression.replace("X", "0.5*sin(2*PI*700*t)*gte(t,1)*lt(t,1.3)")
        layout = {1: "mono", 2: "stereo"}.get(expression.count("|") + 1)
        told = f":c={layout or str(expression.count('|') + 1) + 'c'}"
        listed += ["-f", "lavfi", "-i", f"aevalsrc='{beep}':s=48000:d={seconds}{told}"]
    return tuple(listed)


def sounding(
    *expressions: str,
    video: tuple[str, ...] = X264,
    options: tuple[str, ...],
    seconds: float = 2,
) -> Maker:
    """A still picture with these sound tracks, encoded by `options`."""
    maps = [arg for number in range(len(expressions) + 1) for arg in ("-map", str(number))]
    tracks = sounds(*expressions, seconds=seconds)
    return lambda path: ffmpeg(
        *("-f", "lavfi", "-i", PICTURE, *tracks, *maps, *video, *options, str(path))
    )


def colour(name: str, size: str, seconds: float, container: str, video: tuple[str, ...]) -> Maker:
    """One colour alone."""
    source = f"color={name}:s={size}:r=25:d={seconds}"
    return lambda path: ffmpeg(
        *("-f", "lavfi", "-i", source, *video, "-g", "25", "-pix_fmt", "yuv420p"),
        *("-f", container, str(path)),
    )


def turned_webm(path: Path) -> None:
    """White for 1 s, then red and upright for 3 s, as a browser records a telephone."""
    parts = make.beside(path, "1.webm"), make.beside(path, "2.webm")
    colour("white", "320x180", 1, "webm", VP9)(parts[0])
    colour("red", "180x320", 3, "webm", VP9)(parts[1])
    names = make.beside(path, "parts.txt")
    names.write_text("".join(f"file '{part}'\n" for part in parts))
    ffmpeg("-f", "concat", "-safe", "0", "-i", str(names), "-c", "copy", str(path))


turned_ts = make.joined(
    colour("white", "320x180", 1, "mpegts", X264),
    colour("red", "180x320", 3, "mpegts", X264),
    "part.ts",
)


def jittered(path: Path) -> None:
    """50 pictures a second, each late by up to 8 ms, for 3 s; then one in half a second."""
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=s=320x180:r=50:d=6", *X264, "-fps_mode", "passthrough"),
        "-vf",
        "settb=1/90000,setpts='(N/50+random(7)*0.008)/TB',select='lt(n,150)+not(mod(n,25))'",
        *("-enc_time_base", "1/90000", "-video_track_timescale", "90000", str(path)),
    )  # fmt: skip


def rateless(path: Path) -> None:
    """As a browser writes it: in milliseconds, without a rate or length, paused for 1.5 s."""
    whole = make.beside(path, "whole.webm")
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=s=320x180:r=24:d=6", *VP8),
        *("-vf", "select='not(between(t,2,3.5))'", "-fps_mode", "vfr", "-live", "1", str(whole)),
    )
    content = bytearray(whole.read_bytes())
    at = content.find(b"\x23\xe3\x83")  # DefaultDuration becomes a Void of its length
    if at >= 0:
        length = content[at + 3] & 0x7F
        content[at : at + 4 + length] = bytes([0xEC, 0x82 + length]) + bytes(2 + length)
    path.write_bytes(content)


def with_unknown_box(content: bytearray) -> bytes:
    """With a box that is nobody's before the moov, which lies at the end of the file."""
    at = content.index(b"moov") - 4
    content[at:at] = (72).to_bytes(4) + b"vndX" + bytes(range(64))
    return bytes(content)


def with_long_tail(content: bytearray) -> bytes:
    """With padding at the end that should go on beyond it."""
    return bytes(content) + (9000).to_bytes(4) + b"skip" + bytes(500)


def cut_off(content: bytearray) -> bytes:
    return bytes(content[: len(content) * 85 // 100])


in_fragments = make.clip(
    *("-g", "10", "-movflags", "frag_keyframe+empty_moov+default_base_moof"),
    picture="testsrc2=s=320x180:r=25:d=4",
    sound=make.beep(seconds=4),
)
fragmented = make.patched(in_fragments, "whole.mp4", cut_off)


def cut_in_a_head(content: bytearray) -> bytes:
    """The last fragment's description (`moof`) lacks its end."""
    at = content.rindex(b"moof")
    return bytes(content[: at + 150])


cut_in_its_head = make.patched(in_fragments, "whole.mp4", cut_in_a_head)
# As browsers and packagers write them: a fragment of each track for itself, each announced
announced = make.clip(
    *("-g", "10", "-movflags", "frag_keyframe+empty_moov+default_base_moof+separate_moof+dash"),
    picture="testsrc2=s=320x180:r=25:d=4",
    sound=make.beep(seconds=4),
)


def with_clean_aperture(path: Path) -> None:
    """320 × 180, of which 240 × 160 are to be seen, 20 to the right of the middle and 4 below it;
    white within, red around."""
    inside = "drawbox=x=60:y=14:w=240:h=160:c=white:t=fill"
    whole = make.beside(path, "whole.mov")
    make.mute(picture=f"color=red:s=320x180:r=25:d=2,{inside}")(whole)
    content = bytearray(whole.read_bytes())
    around = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"avc1")
    at = 0
    for box in around:
        at = content.index(box, at) + 4
    entry = at - 8
    end = entry + int.from_bytes(content[entry : entry + 4])
    numbers = (240, 1, 160, 1, 20, 1, 4, 1)
    box = (40).to_bytes(4) + b"clap" + b"".join(number.to_bytes(4) for number in numbers)
    content[end:end] = box
    path.write_bytes(make.resized(content, around, len(box)))


def see_through(codec: tuple[str, ...]) -> Maker:
    """White, but on the left nothing of it is to be seen."""
    options = ("-auto-alt-ref", "0", "-pix_fmt", "yuva420p")
    return lambda path: ffmpeg("-f", "lavfi", "-i", ALPHA, *codec, *options, str(path))


def covered(kind: str) -> Maker:
    """With a cover of a kind of picture (the end of its name) attached."""

    def write(path: Path) -> None:
        cover = make.beside(path, f"cover.{kind}")
        ffmpeg("-f", "lavfi", "-i", "color=red:s=64x64", "-frames:v", "1", str(cover))
        ffmpeg(
            *("-f", "lavfi", "-i", make.flash(), "-f", "lavfi", "-i", make.beep()),
            *(*X264, *make.AAC),
            *("-attach", str(cover), "-metadata:s:t", f"mimetype=image/{kind}"),
            *("-metadata:s:t", f"filename=cover.{kind}", str(path)),
        )  # fmt: skip

    return write


def placeless(*expressions: str) -> Maker:
    """Channels in a MOV file that does not tell where they belong."""

    def change(content: bytearray) -> bytes:
        at = content.index(b"chan") + 8
        content[at : at + 4] = (147 << 16).to_bytes(4)  # discrete channels, in order
        return bytes(content)

    return make.patched(sounding(*expressions, options=("-c:a", "pcm_s16le")), "named.mov", change)


def ambisonic(path: Path) -> None:
    """The beep from the front, of a sphere of the first order."""
    ffmpeg(
        *("-f", "lavfi", "-i", PICTURE, *sounds("X"), *X264),
        *("-af", "pan=ambisonic 1|c0=c0|c1=0*c0|c2=0*c0|c3=0.7*c0", "-c:a", "libopus"),
        *("-mapping_family", "2", str(path)),
    )


def greys(matrix: str) -> Maker:
    """Red, 16, 128 and white side by side, by a matrix (ffmpeg's name) and tagged by it."""
    blocks = "".join(
        f",drawbox=x={160 * n}:w=160:h=360:c=0x{colour}:t=fill"
        for n, colour in enumerate(("B43C3C", "101010", "808080", "FFFFFF"))
    )
    picture = (
        f"color=black:s=640x360:r=25:d=1,format=gbrp{blocks},"
        "scale=out_color_matrix=bt601:out_range=limited:flags=accurate_rnd+full_chroma_int,"
        f"format=yuv420p,setparams=colorspace={matrix}:color_primaries={matrix}"
        ":color_trc=smpte170m:range=limited"
    )
    video = ("-c:v", "libx264", "-qp", "0", "-pix_fmt", "yuv420p")
    return make.mute(picture=picture, video=video)


def patches(size: str, *video: str) -> Maker:
    """The same, as ffmpeg brings it into another format and codec."""
    width, height = (int(side) for side in size.split("x"))
    blocks = "".join(
        f",drawbox=x={width // 4 * n}:w={width // 4}:h={height}:c=0x{colour}:t=fill"
        for n, colour in enumerate(("B43C3C", "101010", "808080", "FFFFFF"))
    )
    picture = f"color=black:s={size}:r=25:d=1,format=gbrp{blocks}"
    return lambda path: ffmpeg("-f", "lavfi", "-i", picture, *video, str(path))


PCM, FLAC = ("-c:a", "pcm_s16le"), ("-c:a", "flac")
# A file of each kind; those without a sound are in SOUNDLESS.
KINDS: dict[str, Maker] = {
    "plain.mp4": make.clip(),
    "aperture.mov": with_clean_aperture,
    "turned.webm": turned_webm,
    "upright.ts": turned_ts,
    "rateless.webm": rateless,
    "jitter.mp4": jittered,
    "placeless.mov": placeless("0|0|X"),
    "monos.mxf": sounding("0", "X", video=MPEG2, options=PCM),
    "silent-first.mkv": sounding("0|0", "X", options=FLAC),
    "left.mkv": sounding("X|0", options=FLAC),
    "box.mp4": make.patched(make.clip(), "whole.mp4", with_unknown_box),
    "tail.mp4": make.patched(make.clip(), "whole.mp4", with_long_tail),
    "crash.mp4": fragmented,
    "cover.mkv": covered("gif"),
    "see-through.webm": see_through(VP9),
    "television.mp4": greys("smpte170m"),
}
SOUNDLESS = {
    "aperture.mov", "turned.webm", "upright.ts", "rateless.webm", "jitter.mp4", "see-through.webm",
    "television.mp4",
}  # fmt: skip
# Further ones of these kinds
MORE: dict[str, Maker] = {
    "head.mp4": cut_in_its_head,
    "announced.mp4": announced,
    "sides.mov": sounding("X", "X", options=PCM),
    "ambisonic.mkv": ambisonic,
    "see-through-8.webm": see_through(VP8),
    "cover-webp.mkv": covered("webp"),
}
