"""The ffmpeg filters that the picture goes through; nothing here runs anything."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ffmpeg

from videos.media.transcoding.geometry import fit_within
from videos.media.transcoding.ladder import Rung
from videos.media.transcoding.sandbox.allowlist import input_options, input_url
from videos.media.transcoding.source_info import SourceInfo

# HDR reference white in cd/m² (ITU-R BT.2408), and the bounds of the peaks that are tone mapped
REFERENCE_WHITE, MIN_PEAK, MAX_PEAK = 203, 406, 4000
# Up to this share of reference white nothing changes: skin keeps its tone, white becomes 94% white.
UNCHANGED_SHARE = 0.7

# How much of a source's picture may be missing at its end: seconds, or a share of its length
MISSING_SECONDS, MISSING_SHARE = 0.5, 0.03

# A picture that changes its size midway (browser calls do) is scaled by us: ffmpeg would rebuild
# the filter graph and lose the time stamps.
KEEP_GRAPH = {"reinit_filter:v": 0}

# The matrices that are converted to BT.709 beforehand, by their names in `zscale`
ZSCALE_MATRICES = {"bt601": "170m", "fcc": "fcc", "smpte240m": "240m"}

Stream = Any  # ffmpeg-python has no types


def open_picture(source: Path, info: SourceInfo, **options: Any) -> Stream:
    """A source as an ffmpeg input for its picture, with the decoder that keeps transparency."""
    decoder = {f"c:{info.index}": info.decoder} if info.decoder else {}
    return ffmpeg.input(
        input_url(source), **input_options(source), **KEEP_GRAPH, **decoder, **options
    )


def padding_seconds(info: SourceInfo) -> float:
    """How much of the picture's end may be missing: the last frame is repeated instead.

    A source that lacks more is damaged, and its renditions come out too short.
    """
    return max(MISSING_SECONDS, MISSING_SHARE * info.length)


def normalized(picture: Stream, info: SourceInfo, best: Rung, part: range | None = None) -> Stream:
    """The picture upright, progressive, in BT.709 and at a constant frame rate from 0 on.

    `part` are the frames that are wanted, if not all. The input may then begin anywhere before
    them: they come out as they would from the whole; if it begins later, fewer come out.

    ffmpeg rotates the picture by its display matrix before the first filter.
    """
    part = range(info.frames) if part is None else part
    if info.varies:
        picture = to_one_size(picture, info)
    if info.interlaced:  # `idet` decides for each frame
        picture = picture.filter("idet").filter("bwdif", mode="send_frame", deint="interlaced")
    if info.shift:
        picture = picture.filter("setpts", f"PTS-{info.shift:.6f}/TB")
    begin = {} if part.start else {"start_time": 0}  # repeat the first frame where none is yet
    picture = picture.filter("fps", fps=str(info.constant_rate), **begin)
    # Where the sound goes on, or the last frames cannot be decoded, the last one is repeated.
    rest = max(0.0, info.seconds - info.picture_seconds) + padding_seconds(info)
    picture = picture.filter("tpad", stop_mode="clone", stop_duration=f"{rest:.3f}")
    picture = picture.filter("trim", start_pts=part.start, end_pts=part.stop)
    if info.alpha:
        picture = over_black(picture)
    if not (info.hdr or info.wide):
        return to_bt709(picture, info)
    # Scale down first: tone mapping works on 32-bit floats.
    small_enough = crop_to_even(picture).filter(
        "zscale", w=best.width, h=best.height, filter="lanczos"
    )
    return tone_mapped(small_enough, info) if info.hdr else gamut_mapped(small_enough, info)


def to_one_size(picture: Stream, info: SourceInfo) -> Stream:
    """Frames of all sizes in the size of `info`: whole, undistorted, with bars."""
    width, height = info.width // 2 * 2, info.height // 2 * 2  # `pad` needs whole chroma samples
    # Each size has its own aspect ratio: ffmpeg takes that of the first frame for all.
    shape = "iw/ih"
    for w, h, aspect in info.aspects:
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
    """A transparent picture over black, whatever colour is stored where it is transparent."""
    kept = "yuva444p|yuva444p10le|yuva444p12le|yuva444p16le|gbrap|gbrap10le|gbrap12le|gbrap16le"
    return picture.filter("format", kept).filter("premultiply", inplace=1)


def to_bt709(picture: Stream, info: SourceInfo) -> Stream:
    """The picture with the colour matrix of BT.709.

    ffmpeg's `scale` would convert it while scaling, and be off by up to three steps of 255;
    `zscale` rounds.
    """
    matrix = ZSCALE_MATRICES.get(source_matrix(info))
    if matrix is None:
        return picture
    # No format named for full range (yuvj…): `scale` would take the picture for full range.
    kept = "yuv420p|yuv422p|yuv444p|yuv420p10le|yuv422p10le|yuv444p10le"
    converted = crop_to_even(picture).filter(
        "zscale", matrixin=matrix, matrix="709", range="limited"
    )
    return converted.filter("format", kept)


def crop_to_even(picture: Stream) -> Stream:
    """Without a last odd column or row: `zscale` needs whole chroma samples."""
    return picture.filter("crop", "iw", "ih")  # which rounds down to whole chroma samples


def gamut_mapped(picture: Stream, info: SourceInfo) -> Stream:
    """A wide gamut mapped into BT.709; without that colours would look pale."""
    parameters = {"color_primaries": info.primaries, "color_trc": "bt709"}
    if info.matrix != "gbr":
        parameters["colorspace"] = info.matrix or "bt709"
    return (
        picture.filter("setparams", **parameters)
        .filter("zscale", transfer="linear", npl=100)
        .filter("format", "gbrpf32le")
        .filter("zscale", primaries="bt709")
        .filter("zscale", transfer="bt709", matrix="bt709", range="limited")
        .filter("format", "yuv420p")
    )


def tone_mapped(picture: Stream, info: SourceInfo) -> Stream:
    """HDR mapped into BT.709, with highlights compressed instead of clipped.

    Measured on patches: white at 203 cd/m² becomes 221 of 235, and what is below 70% of it keeps
    brightness and hue. (A film curve such as Hable's would make white a grey of 151.)
    """
    peak = min(MAX_PEAK, max(MIN_PEAK, 1000 if info.light == "hlg" else info.brightest))
    transfer = {"pq": "smpte2084", "hlg": "arib-std-b67"}[info.light]
    named = {"color_primaries": "bt2020", "color_trc": transfer}
    if info.matrix != "gbr":
        named["colorspace"] = "bt2020nc"
    return (
        picture.filter("setparams", **named)
        .filter(
            "zscale",
            transferin=transfer,
            primariesin="bt2020",
            matrixin="bt2020nc",
            transfer="linear",
            npl=REFERENCE_WHITE,
        )
        .filter("format", "gbrpf32le")
        .filter("zscale", primaries="bt709")
        .filter(
            "tonemap",
            tonemap="mobius",
            param=UNCHANGED_SHARE,
            desat=0,
            peak=f"{peak / REFERENCE_WHITE:.3f}",
        )
        .filter("zscale", transfer="bt709", matrix="bt709", range="limited")
        .filter("format", "yuv420p")
    )


def renditions(
    picture: Stream, rungs: Sequence[Rung], info: SourceInfo, scaler: str = "lanczos"
) -> list[Stream]:
    """The picture in the size of each rung, best first, in 8-bit BT.709.

    All but the best are scaled from a larger rendition: a quarter of the work for the small ones,
    without a visible difference (docs/decisions/0007).
    """
    bases = [scale_base(rungs, number) for number in range(1, len(rungs))]
    sizes: list[Stream] = []
    for number, rung in enumerate(rungs):
        if number:
            base = bases[number - 1]
            taken = bases[: number - 1].count(base)
            out = scaled_again(sizes[base][1 + taken], rung, scaler)
        else:
            out = scaled(picture, rung, normalized_matrix(info), scaler)
        sizes.append(out.split() if number in bases else [out])
    return [branches[0] for branches in sizes]


def scale_base(rungs: Sequence[Rung], number: int) -> int:
    """The index of the rung to scale from: the smallest of twice the height, else the best."""
    wanted = 2 * rungs[number].height
    return max((at for at in range(number) if rungs[at].height >= wanted), default=0)


def scaled_again(picture: Stream, rung: Rung, scaler: str) -> Stream:
    """A larger rendition scaled down. `zscale` takes a third of the time of `scale`."""
    if scaler != "lanczos":
        return picture.filter("scale", rung.width, rung.height, flags=scaler).filter("setsar", 1)
    return picture.filter("zscale", w=rung.width, h=rung.height, filter=scaler).filter("setsar", 1)


def scaled(picture: Stream, rung: Rung, matrix: str, scaler: str) -> Stream:
    """The picture scaled to a rung, in 8-bit BT.709 of limited range, and marked as such.

    `matrix` is the colour matrix that the picture has.
    """
    return (
        picture.filter(
            "scale",
            rung.width,
            rung.height,
            flags=scaler,
            in_color_matrix=matrix,
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


def thumbnail(picture: Stream, long_side: int, info: SourceInfo) -> Stream:
    """A small picture in the colours of a JPEG (BT.601, full range; ITU-T T.871)."""
    width, height = fit_within(info.width, info.height, long_side)
    return (
        picture.filter(
            "scale",
            width,
            height,
            flags="area",
            in_color_matrix=normalized_matrix(info),
            out_color_matrix="bt601",
            out_range="full",
        )
        .filter("format", "yuv420p")
        .filter("setsar", 1)
    )


def normalized_matrix(info: SourceInfo) -> str:
    """The colour matrix after `normalized`, by ffmpeg's name."""
    matrix = source_matrix(info)
    return "bt709" if info.hdr or info.wide or matrix in ZSCALE_MATRICES else matrix


def source_matrix(info: SourceInfo) -> str:
    """The source's colour matrix; if unknown, HD is BT.709 and SD is BT.601."""
    known = {
        "bt709": "bt709",
        "smpte170m": "bt601",
        "bt470bg": "bt601",
        "fcc": "fcc",
        "smpte240m": "smpte240m",
        "bt2020nc": "bt2020",
        "bt2020c": "bt2020",
    }
    guess = "bt709" if min(info.width, info.height) >= 720 else "bt601"
    return known.get(info.matrix, "auto" if info.matrix else guess)


def one_per_interval(picture: Stream, seconds: float) -> Stream:
    """The first frame at or after each multiple of `seconds`, and the very first."""
    return picture.filter(
        "select",
        f"isnan(prev_selected_t)+gt(floor(t/{seconds:.6f}),floor(prev_selected_t/{seconds:.6f}))",
    )
