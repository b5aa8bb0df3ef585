"""The one ffmpeg command of a transcode: decode once, give every output.

The filters are put together with ffmpeg-python; nothing here runs anything.
"""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from videos.media import binaries
from videos.media.allowed import address, guards
from videos.media.facts import Content, Facts, Sound
from videos.media.ladder import Rung
from videos.media.loudness import AS_IT_IS, Level, Treatment, measured, treated
from videos.media.storyboard import TILE_LONG_SIDE, Sheets, fitted

# A group of pictures fills a segment: decision 0010.
GOP_SECONDS = SEGMENT_SECONDS = 6
AUDIO_RATE = 48_000
AUDIO_BITRATE = 160_000
SOUND, TILES, EVENED = "sound", "tiles.yuv", "evened.nut"
# What an encoder looks ahead it holds in memory, at about 2.5 bytes a pixel.
LOOKAHEAD_PIXELS = 100_000_000
# Pictures up to this short side are encoded by one thread: several cost more than they gain.
ONE_THREAD_LINES = 360
# White of an HDR picture, in cd/m² (ITU-R BT.2408), and the brightest lights to be mapped
WHITE, LEAST_BRIGHT, MOST_BRIGHT = 203, 406, 4000
# Up to this share of white light stays as it is: faces keep their tone, white becomes 94% of white.
UNTOUCHED = 0.7

# How much of a source's picture may be missing at its end: seconds, or a share of it
NEAR_SECONDS, NEAR_SHARE = 0.5, 0.03

# A picture that changes its size in the middle (calls in a browser do) is scaled where it changed;
# ffmpeg's own way, to build the graph anew, forgets the time.
STEADY = {"reinit_filter:v": 0}

# The matrices that are converted to BT.709 beforehand, in the words of `zscale`
ZSCALE_MATRICES = {"bt601": "170m", "fcc": "fcc", "smpte240m": "240m"}

Stream = Any  # ffmpeg-python has no types


def command(
    source: Path,
    facts: Facts,
    rungs: Sequence[Rung],
    board: Sheets,
    treatment: Treatment = AS_IT_IS,
    *,
    quick: bool = False,
) -> list[str]:
    """The arguments that encode a set in the folder they run in, with its storyboard's sheets.

    Nothing of the folder's own path is among them: `%` and `:` have meanings for ffmpeg. `quick`
    makes a set for a first look, as soon as it can be had.
    """
    read = opened(source, facts)
    branches = clean(read[str(facts.index)], facts, rungs[0]).split()
    rate = facts.constant_rate
    scaler = "area" if quick else "lanczos"
    outputs = [
        hls(picture, name(rung), rate, **picture_options(rung, rate, facts.content, quick=quick))
        for rung, picture in zip(rungs, renditions(branches[0], rungs, facts, scaler), strict=True)
    ]
    if facts.sound:
        outputs.append(sound(read, facts, treatment))
    outputs.append(tiles(branches[1], board, facts))
    return compiled(*outputs)


def opened(source: Path, facts: Facts, **options: Any) -> Stream:
    """A source as an input for its picture, with the decoder that sees all of it."""
    decoder = {f"c:{facts.index}": facts.decoder} if facts.decoder else {}
    return ffmpeg.input(address(source), **guards(source), **STEADY, **decoder, **options)


def sound_command(source: Path, facts: Facts, treatment: Treatment) -> list[str]:
    """The arguments that encode the sound alone, in the folder they run in."""
    return compiled(sound(ffmpeg.input(address(source), **guards(source)), facts, treatment))


def evening_command(source: Path, facts: Facts) -> list[str]:
    """The arguments that bring the sound of a source into two channels at one rate, in EVENED.

    Recordings of broadcasts change between mono, stereo and 5.1 on their way. ffmpeg then builds
    the graph anew that reads them, and the new one has forgotten the time: here nothing needs it.
    """
    assert facts.sound
    read = ffmpeg.input(address(source), **guards(source))
    stereo = in_stereo(source_sound(read, facts.sound))
    written = ffmpeg.output(stereo, EVENED, format="nut", **{"c:a": "pcm_s16le"})
    asked = written.global_args("-v", "error", "-nostdin", "-y", "-copyts")
    return asked.compile(cmd=binaries.ffmpeg())  # type: ignore[no-any-return]


def compiled(*outputs: Stream) -> list[str]:
    """The arguments that make these outputs and tell how far they are."""
    together = ffmpeg.merge_outputs(*outputs).global_args(
        *("-v", "warning", "-nostdin", "-nostats", "-y"),
        *("-progress", "pipe:1", "-stats_period", "0.5"),
    )
    return together.compile(cmd=binaries.ffmpeg())  # type: ignore[no-any-return]


def group_frames(rate: Fraction) -> int:
    """Frames of a group of pictures."""
    return max(1, round(rate * GOP_SECONDS))


def segment_frames(rate: Fraction) -> int:
    """Frames of a segment: whole groups, so that every segment of every rendition is as long."""
    return group_frames(rate) * (SEGMENT_SECONDS // GOP_SECONDS)


def segment_seconds(rate: Fraction) -> str:
    """The length of a segment for ffmpeg, in whole microseconds.

    Not simply 6 s: at 29.97 frames a second a group takes 6.006 s, and after some time the
    difference would add up to a segment that begins a group too early.
    """
    return f"{int(1_000_000 * segment_frames(rate) / rate) / 1_000_000:.6f}"


def sound(read: Stream, facts: Facts, treatment: Treatment) -> Stream:
    """The sound of a source, treated, as a rendition."""
    even = ffmpeg.input(EVENED, protocol_whitelist="file") if treatment.evened else None
    level = treated(heard(read, facts, even), treatment, AUDIO_RATE)
    return hls(level, SOUND, facts.constant_rate, **sound_options())


def heard(read: Stream, facts: Facts, even: Stream | None = None) -> Stream:
    """The sound of a source as it is to be heard, but for its loudness.

    `even` is the file of `evening_command`, where there is one.
    """
    assert facts.sound
    sound = in_stereo(source_sound(read, facts.sound)) if even is None else even["0"]
    return timed(sound, facts.sound, facts)


def source_sound(read: Stream, sound: Sound) -> Stream:
    """The sound as its file has it, with as many channels as ffmpeg can make two of."""
    first = read[str(sound.index)]
    if sound.right is not None:
        sides = [first, read[str(sound.right)]]
        monos = [side.filter("aformat", channel_layouts="mono") for side in sides]
        return ffmpeg.filter(monos, "join", inputs=2, channel_layout="stereo")
    return first.filter("pan", args=sound.pan) if sound.pan else first


def loudness_of(source: Path, facts: Facts, even: Path | None = None) -> Level | None:
    """The level of what `heard` gives."""
    read = ffmpeg.input(address(source), **guards(source))
    if even is None:
        return measured(heard(read, facts), facts)
    evened = ffmpeg.input(f"file:{even.resolve()}", protocol_whitelist="file")
    return measured(heard(read, facts, evened), facts)


def name(rung: Rung) -> str:
    """The folder of a rendition."""
    return f"{rung.width}x{rung.height}"


def patch_seconds(facts: Facts) -> float:
    """How much of a picture's end may be missing: its last one stays instead, until the sound ends.

    What lacks more is damaged, and comes out too short.
    """
    return max(NEAR_SECONDS, NEAR_SHARE * facts.length)


def clean(picture: Stream, facts: Facts, best: Rung, part: range | None = None) -> Stream:
    """Upright, progressive, in square pixels, in BT.709 light, at a constant rate from 0 on.

    `part` are the frames that are wanted, if not all. What is read may then begin anywhere before
    them: they come out as they would from the whole, and fewer come out if it begins later.

    ffmpeg turns the picture by its display matrix before the first filter, so nothing here does.
    """
    part = range(facts.frames) if part is None else part
    if facts.varies:
        picture = in_one_size(picture, facts)
    if facts.interlaced:  # of each picture `idet` tells anew whether it is
        picture = picture.filter("idet").filter("bwdif", mode="send_frame", deint="interlaced")
    if facts.shift:
        picture = picture.filter("setpts", f"PTS-{facts.shift:.6f}/TB")
    begin = {} if part.start else {"start_time": 0}  # the first picture, where none is yet
    picture = picture.filter("fps", fps=str(facts.constant_rate), **begin)
    # Where the sound goes on, or the last pictures cannot be read, the last one stays.
    rest = max(0.0, facts.seconds - facts.picture_seconds) + patch_seconds(facts)
    picture = picture.filter("tpad", stop_mode="clone", stop_duration=f"{rest:.3f}")
    picture = picture.filter("trim", start_pts=part.start, end_pts=part.stop)
    if facts.alpha:
        picture = over_black(picture)
    if not (facts.hdr or facts.wide):
        return in_bt709(picture, facts)
    # Smaller first: light is mapped in 32-bit floats.
    small_enough = in_pairs(picture).filter("zscale", w=best.width, h=best.height, filter="lanczos")
    return tone_mapped(small_enough, facts) if facts.hdr else narrowed(small_enough, facts)


def in_one_size(picture: Stream, facts: Facts) -> Stream:
    """Pictures of all sizes in that of the facts: whole, undistorted, between bars."""
    width, height = facts.width // 2 * 2, facts.height // 2 * 2  # `pad` takes whole colours
    # Each size's own shape, for ffmpeg takes all pixels to be as wide as the first ones.
    shape = "iw/ih"
    for w, h, aspect in facts.aspects:
        shape = f"if(eq(iw,{w})*eq(ih,{h}),{w * aspect / h:.6f},{shape})"
    fit = {
        "w": f"min({width},2*max(1,round({height}*({shape})/2)))",
        "h": f"min({height},2*max(1,round({width}/({shape})/2)))",
        "eval": "frame",
    }
    return (
        picture.filter("scale", flags="lanczos", **fit)
        .filter("pad", width, height, -1, -1, eval="frame")
        .filter("setsar", 1)
    )


def over_black(picture: Stream) -> Stream:
    """What shines through is black, whatever colour hides there."""
    kept = "yuva444p|yuva444p10le|yuva444p12le|yuva444p16le|gbrap|gbrap10le|gbrap12le|gbrap16le"
    return picture.filter("format", kept).filter("premultiply", inplace=1)


def in_bt709(picture: Stream, facts: Facts) -> Stream:
    """Colours by the matrix of BT.709. ffmpeg's `scale` would do it as it scales, and be off by up
    to three steps of 255; `zscale` rounds."""
    told = ZSCALE_MATRICES.get(source_matrix(facts))
    if told is None:
        return picture
    # Not in formats whose name says full range: `scale` would take it for that.
    kept = "yuv420p|yuv422p|yuv444p|yuv420p10le|yuv422p10le|yuv444p10le"
    converted = in_pairs(picture).filter("zscale", matrixin=told, matrix="709", range="limited")
    return converted.filter("format", kept)


def in_pairs(picture: Stream) -> Stream:
    """Without a last column or row that has half a colour: `zscale` takes no such pictures."""
    return picture.filter("crop", "iw", "ih")  # which rounds down to whole colours


def narrowed(picture: Stream, facts: Facts) -> Stream:
    """Colours beyond BT.709 brought into it; without that they would look pale."""
    told = {"color_primaries": facts.primaries, "color_trc": "bt709"}
    if facts.matrix != "gbr":
        told["colorspace"] = facts.matrix or "bt709"
    return (
        picture.filter("setparams", **told)
        .filter("zscale", transfer="linear", npl=100)
        .filter("format", "gbrpf32le")
        .filter("zscale", primaries="bt709")
        .filter("zscale", transfer="bt709", matrix="bt709", range="limited")
        .filter("format", "yuv420p")
    )


def tone_mapped(picture: Stream, facts: Facts) -> Stream:
    """HDR light brought into BT.709, with highlights bent instead of cut off.

    Measured on patches: white at 203 cd/m² becomes 221 of 235, and what is below 70% of it keeps
    brightness and hue. (A curve for films such as Hable's would make white a grey of 151.)
    """
    peak = min(MOST_BRIGHT, max(LEAST_BRIGHT, 1000 if facts.light == "hlg" else facts.brightest))
    transfer = {"pq": "smpte2084", "hlg": "arib-std-b67"}[facts.light]
    named = {"color_primaries": "bt2020", "color_trc": transfer}
    if facts.matrix != "gbr":
        named["colorspace"] = "bt2020nc"
    return (
        picture.filter("setparams", **named)
        .filter(
            "zscale",
            transferin=transfer,
            primariesin="bt2020",
            matrixin="bt2020nc",
            transfer="linear",
            npl=WHITE,
        )
        .filter("format", "gbrpf32le")
        .filter("zscale", primaries="bt709")
        .filter("tonemap", tonemap="mobius", param=UNTOUCHED, desat=0, peak=f"{peak / WHITE:.3f}")
        .filter("zscale", transfer="bt709", matrix="bt709", range="limited")
        .filter("format", "yuv420p")
    )


def renditions(
    picture: Stream, rungs: Sequence[Rung], facts: Facts, scaler: str = "lanczos"
) -> list[Stream]:
    """The picture in the size of each rung, best first, in 8-bit BT.709.

    All but the best are scaled from a larger one: a quarter of the work for the small ones, and
    nothing that is seen (docs/decisions/0010).
    """
    bases = [larger(rungs, number) for number in range(1, len(rungs))]
    made: list[Stream] = []
    for number, rung in enumerate(rungs):
        if number:
            base = bases[number - 1]
            taken = bases[: number - 1].count(base)
            out = smaller(made[base][1 + taken], rung, scaler)
        else:
            out = scaled(picture, rung, matrix(facts), scaler)
        made.append(out.split() if number in bases else [out])
    return [branches[0] for branches in made]


def larger(rungs: Sequence[Rung], number: int) -> int:
    """Which rung a later one is scaled from: the smallest of twice its height, or the best."""
    wanted = 2 * rungs[number].height
    return max((at for at in range(number) if rungs[at].height >= wanted), default=0)


def smaller(picture: Stream, rung: Rung, scaler: str) -> Stream:
    """A rendition's size, from a larger rendition. `zscale` takes a third of the time."""
    if scaler != "lanczos":
        return picture.filter("scale", rung.width, rung.height, flags=scaler).filter("setsar", 1)
    return picture.filter("zscale", w=rung.width, h=rung.height, filter=scaler).filter("setsar", 1)


def scaled(picture: Stream, rung: Rung, colours: str, scaler: str) -> Stream:
    """A rendition's size, in 8-bit BT.709 of limited range, and marked as that.

    `colours` is the matrix that the picture has.
    """
    return (
        picture.filter(
            "scale",
            rung.width,
            rung.height,
            flags=scaler,
            in_color_matrix=colours,
            out_color_matrix="bt709",
            out_range="limited",
        )
        .filter("format", "yuv420p")
        .filter("setsar", 1)
        .filter(
            "setparams",
            color_primaries="bt709",
            color_trc="bt709",
            colorspace="bt709",
            range="limited",
            field_mode="prog",
        )
    )


def small(picture: Stream, long_side: int, facts: Facts) -> Stream:
    """The whole picture in the colours of a JPEG (BT.601, full range; ITU-T T.871)."""
    width, height = fitted(facts.width, facts.height, long_side)
    return (
        picture.filter(
            "scale",
            width,
            height,
            flags="area",
            in_color_matrix=matrix(facts),
            out_color_matrix="bt601",
            out_range="full",
        )
        .filter("format", "yuv420p")
        .filter("setsar", 1)
    )


def matrix(facts: Facts) -> str:
    """The matrix of a picture's colours after `clean`, in ffmpeg's words."""
    told = source_matrix(facts)
    # Converted by then
    return "bt709" if facts.hdr or facts.wide or told in ZSCALE_MATRICES else told


def source_matrix(facts: Facts) -> str:
    """The matrix of the source's colours; untold, HD is BT.709 and SD is BT.601."""
    known = {
        "bt709": "bt709",
        "smpte170m": "bt601",
        "bt470bg": "bt601",
        "fcc": "fcc",
        "smpte240m": "smpte240m",
        "bt2020nc": "bt2020",
        "bt2020c": "bt2020",
    }
    guess = "bt709" if min(facts.width, facts.height) >= 720 else "bt601"
    return known.get(facts.matrix, "auto" if facts.matrix else guess)


def in_stereo(sound: Stream) -> Stream:
    """Two channels at 48 kHz, added up without going over full scale."""
    return sound.filter("aresample", AUDIO_RATE, ochl="stereo", rematrix_maxval=1).filter(
        "aformat", sample_fmts="fltp", channel_layouts="stereo"
    )


def timed(sound: Stream, heard: Sound, facts: Facts) -> Stream:
    """The sound exactly as long as the picture, silent where there is none.

    `aresample=async=1` fills holes in the middle. It is not asked to pad the beginning
    (`first_pts`): ffmpeg 9.0 can hang there when there are several outputs.
    """
    length = f"{facts.length:.6f}"
    padded = sound.filter("aresample", AUDIO_RATE, **{"async": 1}).filter("asetpts", "PTS-STARTPTS")
    if heard.start < 0:  # it began before the picture's clock
        padded = padded.filter("atrim", start=f"{-heard.start:.6f}").filter(
            "asetpts", "PTS-STARTPTS"
        )
    if heard.start > 0:
        padded = padded.filter("adelay", delays=f"{round(heard.start * 1000)}", all=1)
    return padded.filter("apad", whole_dur=length).filter("atrim", end=length)


def picture_options(
    rung: Rung, rate: Fraction, content: Content = Content.FILMED, *, quick: bool = False
) -> dict[str, Any]:
    """H.264 of constrained quality, with a key frame at every segment of all rungs.

    What each choice costs and brings is in decisions 0010 and 0055 and docs/benchmarks.md.
    """
    gop = group_frames(rate)
    chosen: dict[str, int | float | str] = {
        "partitions": "p8x8,i8x8,i4x4",
        "subme": 3,
        "trellis": 1,
        "aq-mode": 3,
        "aq-strength": 0.6,
        "deblock": "-1,-1",
        "mbtree": 1,
        "rc-lookahead": lookahead(rung),
    }
    if content is Content.DRAWN:
        chosen |= DRAWN
    if min(rung.width, rung.height) <= ONE_THREAD_LINES:
        chosen["threads"] = 1
    if quick:
        chosen = {}
    return {
        "c:v": "libx264",
        "preset": "superfast",
        "x264-params": ":".join(f"{name}={value}" for name, value in chosen.items()),
        "profile:v": "high",
        "crf": quality(rung, content),
        "maxrate": rung.bitrate,
        "bufsize": 2 * rung.bitrate,
        # One more where a scene begins: segments begin at the forced ones alone.
        "g": gop,
        "force_key_frames": f"expr:not(mod(n,{gop}))",
        "flags": "+cgop",
    }


# The constant quality of x264 by the kind of picture, for renditions of up to so many lines: finer
# in the dark, where grain is most of what there is, and for the letters of a small screen; a large
# one is sharp enough without (docs/decisions/0055).
QUALITY = {
    Content.FILMED: {360: 24.3, 480: 23.5, 720: 23.72, 1080: 23.9, 2160: 23.0},
    Content.DARK: {360: 23.4, 480: 22.8, 1080: 22.7, 2160: 22.2},
    Content.DRAWN: {360: 23.8, 480: 22.8, 720: 23.8, 2160: 25.2},
}
# What drawn pictures are encoded with beside that: frames that repeat are found, and few others
DRAWN = {"ref": 3, "b-adapt": 0, "subme": 1}


def quality(rung: Rung, content: Content) -> float:
    """The constant quality of x264 for a rendition."""
    short = min(rung.width, rung.height)
    steps = QUALITY[content]
    return next((value for lines, value in steps.items() if short <= lines), steps[2160])


def lookahead(rung: Rung) -> int:
    """Pictures that the encoder looks ahead: as many as LOOKAHEAD_PIXELS, from 20 to 40."""
    return max(20, min(40, LOOKAHEAD_PIXELS // (rung.width * rung.height)))


def sound_options() -> dict[str, Any]:
    """AAC, low complexity, in stereo."""
    return {"c:a": "aac", "b:a": AUDIO_BITRATE, "ar": AUDIO_RATE, "ac": 2}


def hls(stream: Stream, folder: str, rate: Fraction, **options: Any) -> Stream:
    """A media playlist with CMAF segments in a folder of its own, which must exist.

    Pictures wait for those they depend on, and AAC begins with 1,024 samples of nothing. With their
    times left below zero, an edit list says where to begin; moved up (ffmpeg's default), picture
    and sound would be 59 ms apart.
    """
    return ffmpeg.output(
        stream,
        f"{folder}/index.m3u8",
        format="hls",
        hls_time=segment_seconds(rate),
        hls_playlist_type="vod",
        hls_segment_type="fmp4",
        hls_flags="independent_segments+temp_file",
        avoid_negative_ts="disabled",
        hls_fmp4_init_filename="init.mp4",
        hls_segment_filename=f"{folder}/%05d.m4s",
        map_metadata=-1,
        map_chapters=-1,
        **options,
    )


def every(picture: Stream, seconds: float) -> Stream:
    """The first picture at or after each multiple of `seconds`, and the very first."""
    return picture.filter(
        "select",
        f"isnan(prev_selected_t)+gt(floor(t/{seconds:.6f}),floor(prev_selected_t/{seconds:.6f}))",
    )


def tiles(picture: Stream, board: Sheets, facts: Facts) -> Stream:
    """The pictures of the storyboard, one after the other.

    They are put on sheets afterwards: ffmpeg tells nothing of its progress before every output has
    begun, and a sheet begins when it is full, which may be minutes into a long video.
    """
    small_ones = small(every(picture, board.interval), TILE_LONG_SIDE, facts)
    return ffmpeg.output(
        small_ones, TILES, format="rawvideo", fps_mode="passthrough",
        **{"frames:v": board.tiles},
    )  # fmt: skip


def sheets_command(board: Sheets) -> list[str]:
    """The arguments that put what `tiles` wrote on the sheets of the storyboard."""
    written = ffmpeg.input(
        TILES,
        format="rawvideo",
        pix_fmt="yuv420p",
        color_range="pc",
        s=f"{board.width}x{board.height}",
    ).filter("tile", f"{board.columns}x{board.rows}")
    jpeg = {"c:v": "mjpeg", "q:v": 5, "frames:v": board.count}
    asked = ffmpeg.output(written, "storyboard-%d.jpg", format="image2", **jpeg)
    return asked.global_args("-v", "error", "-nostdin", "-y").compile(cmd=binaries.ffmpeg())  # type: ignore[no-any-return]
