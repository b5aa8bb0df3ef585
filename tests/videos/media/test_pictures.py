"""Light, colour, fields and mirrors: measured on patches of known colour."""

import math
import struct
import subprocess
from pathlib import Path

import pytest

from tests.videos.media import difficult as make
from tests.videos.media.conftest import CORNERS, X264, ffmpeg
from videos.media.errors import SourceRefused
from videos.media.transcoding import pipeline
from videos.media.transcoding.probing.interlacing import FieldCounts, count_fields, is_interlaced
from videos.media.transcoding.probing.probe import probe
from videos.media.transcoding.sandbox import binaries

# Linear light of BT.709, 1 is white; in HDR white stands at 203 cd/m² (ITU-R BT.2408)
BLACK, GREY, SKIN, WHITE, LAMP, SUN = (
    (0.0, 0.0, 0.0), (0.18, 0.18, 0.18), (0.48, 0.29, 0.21), (1.0, 1.0, 1.0), (2.0, 2.0, 2.0),
    (4.9, 4.9, 4.9),
)  # fmt: skip
TO_2020 = ((0.6274, 0.3293, 0.0433), (0.0691, 0.9195, 0.0114), (0.0164, 0.0880, 0.8956))
PATCH = 64


def in_2020(light):
    return [sum(a * b for a, b in zip(row, light, strict=True)) for row in TO_2020]


def pq(light):
    """SMPTE ST 2084."""
    powers = [(203 * value / 10_000) ** (2610 / 16384) for value in in_2020(light)]
    return [((3424 / 4096 + 2413 / 128 * y) / (1 + 2392 / 128 * y)) ** (2523 / 32) for y in powers]


def hlg(light):
    """ITU-R BT.2100, for a screen of 1,000 cd/m²."""
    shown = [0.203 * value for value in in_2020(light)]
    luminance = 0.2627 * shown[0] + 0.678 * shown[1] + 0.0593 * shown[2]
    scene = [value * luminance ** (1 / 1.2 - 1) if luminance else 0 for value in shown]
    return [
        math.sqrt(3 * e) if e <= 1 / 12 else 0.17883277 * math.log(12 * e - 0.28466892) + 0.55991073
        for e in scene
    ]


def gamma(light):
    """SDR in the colours of BT.2020."""
    return [value ** (1 / 2.4) for value in in_2020(light)]


def patches(path: Path, curve, transfer: str, *lights) -> None:
    """10-bit patches side by side, five pictures of them."""
    planes = [b"", b"", b""]
    for light in lights:
        red, green, blue = curve(light)
        y = 0.2627 * red + 0.678 * green + 0.0593 * blue
        planes[0] += struct.pack("<H", round(64 + 876 * y)) * PATCH
        planes[1] += struct.pack("<H", round(512 + 896 * (blue - y) / 1.8814)) * (PATCH // 2)
        planes[2] += struct.pack("<H", round(512 + 896 * (red - y) / 1.4746)) * (PATCH // 2)
    raw = path.with_suffix(".raw")
    raw.write_bytes((planes[0] * PATCH + planes[1] * (PATCH // 2) + planes[2] * (PATCH // 2)) * 5)
    ffmpeg(
        *("-f", "rawvideo", "-pix_fmt", "yuv420p10le", "-s", f"{PATCH * len(lights)}x{PATCH}"),
        *("-r", "25", "-i", str(raw), "-c:v", "ffv1", "-color_range", "tv"),
        *("-vf", f"setparams=color_primaries=bt2020:color_trc={transfer}:colorspace=bt2020nc"),
        str(path),
    )


def shown(source: Path, count: int) -> list[list[int]]:
    """The colours (RGB, 0 to 255) of the patches of the finished set, and of its poster."""
    folder = source.with_name(f"set-{source.name}")
    folder.mkdir()
    made = pipeline.create_set(source, folder, probe(source))
    best = folder / made.renditions[0].path
    return [pixel(best, (2 * n + 1) / (2 * count), 0.5) for n in range(count)]


def pixel(path: Path, x: float, y: float) -> list[int]:
    """The colour around a point (shares of width and height) of the first picture."""
    return list(
        subprocess.run(
            [binaries.ffmpeg(), "-v", "error", "-i", str(path), "-vf",
             f"crop=8:8:iw*{x}-4:ih*{y}-4,scale=1:1:in_color_matrix=bt709:flags=area",
             "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
            capture_output=True, check=True, timeout=60,
        ).stdout
    )  # fmt: skip


def sdr(light) -> list[int]:
    """What a screen of SDR is to be sent for this light."""
    return [round(255 * min(1, value) ** (1 / 2.4)) for value in light]


@pytest.mark.parametrize(
    ("curve", "transfer"), [(pq, "smpte2084"), (hlg, "arib-std-b67")], ids=["pq", "hlg"]
)
def test_hdr_is_neither_washed_out_nor_cut_off(curve, transfer, tmp_path):
    patches(tmp_path / "a.mkv", curve, transfer, BLACK, GREY, SKIN, WHITE, LAMP, SUN)
    black, grey, skin, white, lamp, sun = shown(tmp_path / "a.mkv", 6)
    assert max(black) <= 3
    assert grey == pytest.approx(sdr(GREY), abs=5)
    assert skin == pytest.approx(sdr(SKIN), abs=8)
    assert 230 <= min(white) <= max(white) <= 247  # white is white, with room above it
    assert max(white) + 3 < min(lamp) < min(sun)
    assert min(sun) > 250


def test_wide_colours_do_not_come_out_pale(tmp_path):
    green = (0.05, 0.6, 0.1)
    patches(tmp_path / "a.mkv", gamma, "bt709", SKIN, green)
    assert shown(tmp_path / "a.mkv", 2) == [
        pytest.approx(sdr(SKIN), abs=5),
        pytest.approx(sdr(green), abs=6),
    ]


def test_how_bright_hdr_gets_is_read_from_its_metadata(tmp_path):
    source = tmp_path / "a.mp4"
    colours = "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"
    ffmpeg(
        *("-f", "lavfi", "-i", "color=gray:s=320x180:d=0.2,format=yuv420p10le", "-c:v", "libx265"),
        *("-preset", "ultrafast", "-x265-params"),
        f"log-level=error:{colours}:hdr10=1:max-cll=1600,400:master-display="
        "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(40000000,50)",
        str(source),
    )
    facts = probe(source)
    assert (facts.light, facts.brightest) == ("pq", 1600)


def test_colours_that_only_dolby_screens_know_are_refused_in_words(tmp_path):
    plain, dolby = tmp_path / "plain.mp4", tmp_path / "dolby.mp4"
    make.mute("-tag:v", "hvc1", video=(*make.FAST_265, "-pix_fmt", "yuv420p10le"))(plain)
    # Profile 5, level 1, one layer with its metadata, compatible with nothing
    told = bytes([1, 0, 5 << 1, 1 << 3 | 0b101, 0]) + bytes(19)
    content = bytearray(plain.read_bytes())
    entry = content.index(b"hvc1", content.index(b"stsd")) - 4
    end = entry + int.from_bytes(content[entry : entry + 4])
    content[end:end] = (8 + len(told)).to_bytes(4) + b"dvcC" + told
    around = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"hvc1")
    dolby.write_bytes(make.resized(content, around, 8 + len(told)))
    assert probe(plain).hdr is False
    with pytest.raises(SourceRefused, match="for Dolby Vision screens only"):
        probe(dolby)


@pytest.mark.parametrize("pixels", ["rgba", "yuva444p10le"])
def test_what_shines_through_is_black(pixels, tmp_path):
    source = tmp_path / "a.mov"
    codec = {"rgba": "png", "yuva444p10le": "prores_ks"}[pixels]
    ffmpeg(
        *("-f", "lavfi", "-i"),
        "color=white:s=384x64:r=25:d=0.2,format=rgba,"
        "geq=r=255:g='if(lt(X,128),0,255)':b='if(lt(X,128),0,255)':a='if(lt(X,128),0,"
        "if(lt(X,256),128,255))'",
        *("-c:v", codec, "-pix_fmt", pixels, str(source)),
    )
    hidden, half, full = shown(source, 3)
    assert max(hidden) <= 6
    assert half == pytest.approx([128] * 3, abs=8)
    assert min(full) >= 248


@pytest.mark.parametrize(
    ("matrix", "corners"),
    [
        ((-1, 0, 0, 1), "lime red white blue"),
        ((1, 0, 0, -1), "blue white red lime"),
        ((0, 1, 1, 0), "red blue lime white"),
        ((0, -1, -1, 0), "white lime blue red"),
        ((0, 1, -1, 0), "blue red white lime"),
        ((0, -1, 1, 0), "lime white red blue"),
    ],
)
def test_a_picture_is_shown_as_its_matrix_says_mirrored_too(matrix, corners, tmp_path):
    source, folder = tmp_path / "a.mp4", tmp_path / "set"
    plain = make.mute(picture=CORNERS, video=(*X264, "-t", "0.2"))
    make.patched(plain, "plain.mp4", make.matrix(*matrix))(source)
    folder.mkdir()
    made = pipeline.create_set(source, folder, probe(source))
    best = folder / made.renditions[0].path
    colours = {"red": [255, 0, 0], "lime": [0, 255, 0], "blue": [0, 0, 255], "white": [255] * 3}
    places = [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)]
    for place, name in zip(places, corners.split(), strict=True):
        assert pixel(best, *place) == pytest.approx(colours[name], abs=12)


# A still of real footage, moving sideways at a number of pictures a second
PAN = "fps={rate},loop=-1:1,setpts=N/({rate})/TB,scale={size},scroll=h=0.004,trim=duration=1.6"
MOVING = PAN.format(rate=50, size="720:576")
FILM = PAN.format(rate=25, size="720:576")
AS_FIELDS = ("-flags", "+ildct+ilme")
FIELDS = {
    # (filters, options): are they to be joined?
    "flagged": (MOVING + ",tinterlace=interleave_top,fieldorder=tff", AS_FIELDS, True),
    "bottom first": (MOVING + ",tinterlace=interleave_bottom", AS_FIELDS, True),
    "without a flag": (MOVING + ",tinterlace=interleave_top,setfield=prog", (), True),
    "film flagged as fields": (FILM + ",setfield=tff", AS_FIELDS, False),
    "film": (FILM, (), False),
    "film on television": (
        PAN.format(rate="24000/1001", size="720:480") + ",telecine=pattern=23,setfield=prog",
        (), True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FIELDS)
def test_fields_are_joined_where_the_pictures_show_them(name, bunny, tmp_path):
    picture, options, joined = FIELDS[name]
    source, folder = tmp_path / "a.mkv", tmp_path / "set"
    ffmpeg(
        *("-ss", "3", "-i", str(bunny), "-an", "-vf", picture, *options),
        *("-c:v", "mpeg2video", "-b:v", "12M", str(source)),
    )
    facts = probe(source)
    assert facts.interlaced is joined
    folder.mkdir()
    made = pipeline.create_set(source, folder, facts)
    best = folder / made.renditions[0].path
    printed = subprocess.run(
        [binaries.ffmpeg(), "-v", "error", "-i", str(best), "-vf", "idet,metadata=print:file=-",
         "-f", "null", "-"], capture_output=True, check=True, text=True, timeout=60,
    ).stdout  # fmt: skip
    left = count_fields(printed)
    assert left.combed <= 0.1 * left.progressive


@pytest.mark.parametrize(
    ("flagged", "pictures", "joined"),
    [
        (True, FieldCounts(0, 0), True),
        (False, FieldCounts(5, 0), False),
        (True, FieldCounts(0, 80), False),
        (True, FieldCounts(10, 90), True),
        (False, FieldCounts(10, 90), False),
        (False, FieldCounts(40, 60), True),
    ],
)
def test_a_flag_counts_where_the_pictures_tell_nothing(flagged, pictures, joined):
    assert is_interlaced(flagged, pictures) is joined
