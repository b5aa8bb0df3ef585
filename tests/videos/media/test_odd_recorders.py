"""Further kinds of files that cameras, broadcasts and call tools leave, each made in code."""

from pathlib import Path

import pytest

from tests.videos.media import difficult as make
from tests.videos.media.conftest import CORNERS, X264, Maker, ffmpeg
from tests.videos.media.measured import made, near, pixel
from videos.media.transcoding.probing.probe import probe
from videos.media.transcoding.source_info import SourceInfo

WHITE, RED = (255, 255, 255), (254, 0, 0)
GREEN, BLUE = (0, 254, 0), (0, 0, 254)
MPEG2 = ("-c:v", "mpeg2video", "-b:v", "2M")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("odd")


def turned_inside(turn: int) -> Maker:
    """Turned by the word of its pictures alone, `turn` degrees to the left."""
    first = make.mute(picture=f"{CORNERS},trim=duration=1")
    told = f"h264_metadata=display_orientation=insert:rotate={turn}"
    return make.again(first, "whole.mp4", (), ("-bsf:v", told))


@pytest.mark.parametrize("container", ["ts", "mp4", "mkv"])
@pytest.mark.parametrize(
    ("turn", "rotation", "size", "corners"),
    [
        (0, 0, (640, 360), (RED, GREEN, BLUE, WHITE)),
        (90, 270, (360, 640), (GREEN, WHITE, RED, BLUE)),
        (180, 180, (640, 360), (WHITE, BLUE, GREEN, RED)),
    ],
)
def test_a_picture_that_says_itself_how_it_is_turned_is_upright(
    container, turn, rotation, size, corners, folder
):
    out, facts = made(turned_inside(turn), f"turned-{turn}.{container}", folder)
    assert (facts.width, facts.height, facts.rotation) == (*size, rotation)
    places = [(0.2, 0.2), (0.8, 0.2), (0.2, 0.8), (0.8, 0.8)]
    for (x, y), colour in zip(places, corners, strict=True):
        assert near(pixel(out, x, y, 0.5), colour), (x, y)


def parts(*given: tuple[str, str, float]) -> Maker:
    """White with a red square of 100 × 100 pixels as they are stored: (size, aspect, seconds)."""

    def write(path: Path) -> None:
        names = make.beside(path, "parts.txt")
        for number, (size, aspect, seconds) in enumerate(given):
            part = make.beside(path, f"{number}.ts")
            square = "drawbox=x=(iw-100)/2:y=(ih-100)/2:w=100:h=100:c=red:t=fill"
            picture = f"color=white:s={size}:r=25:d={seconds},{square},setsar={aspect}"
            ffmpeg("-f", "lavfi", "-i", picture, *MPEG2, str(part))
            with names.open("a") as listed:
                listed.write(f"file '{part}'\n")
        ffmpeg("-f", "concat", "-safe", "0", "-i", str(names), "-c", "copy", str(path))

    return write


def is_red(out: Path, x: float, y: float, at: float) -> bool:
    red, green, _blue = pixel(out, x, y, at)
    return red - green > 128


def test_a_broadcast_that_becomes_wide_has_the_shape_that_lasts_longest(folder):
    out, facts = made(parts(("360x288", "16/15", 1), ("360x288", "64/45", 3)), "wide.ts", folder)
    assert (facts.width, facts.height) == (512, 288)
    assert (facts.varies, facts.aspects, facts.remarks) == (False, (), ("shapes",))
    # 142 of 512 pixels wide, in the middle
    assert [is_red(out, x, 0.5, 3) for x in (0.34, 0.38, 0.62, 0.66)] == [False, True, True, False]


def test_sizes_that_are_stored_narrow_are_all_shown_in_their_shape(folder):
    """As broadcasts change between 720 and 544 columns: both are as wide on the screen."""
    out, facts = made(parts(("360x288", "64/45", 3), ("272x288", "32/17", 1)), "columns.ts", folder)
    assert (facts.width, facts.height, facts.varies) == (512, 288, True)
    assert facts.remarks == ("sizes",)
    assert SourceInfo.from_values(facts.as_values()) == facts
    for at in (1, 3.7):
        for place in (0.02, 0.97):  # no bars
            assert near(pixel(out, place, 0.5, at), WHITE)
            assert near(pixel(out, 0.5, place, at), WHITE)
    # 142 of 512 pixels, then 188
    assert [is_red(out, x, 0.5, 1) for x in (0.34, 0.38, 0.62, 0.66)] == [False, True, True, False]
    assert [is_red(out, x, 0.5, 3.7) for x in (0.29, 0.34, 0.66, 0.7)] == [
        False, True, True, False,
    ]  # fmt: skip


def test_nobody_is_told_of_shapes_that_nobody_can_tell_apart(folder):
    source = folder / "nearly.ts"
    parts(("720x576", "16/15", 2), ("720x576", "59/54", 2))(source)
    assert "shapes" not in probe(source).remarks


def with_thumbnail() -> Maker:
    """A thumbnail before the film that does not say what it is, as some cameras write it."""

    def write(path: Path) -> None:
        film, still = make.beside(path, "film.mp4"), make.beside(path, "still.jpg")
        make.clip()(film)
        ffmpeg("-f", "lavfi", "-i", "color=red:s=160x90", "-frames:v", "1", str(still))
        ffmpeg(
            *("-i", str(still), "-i", str(film), "-map", "0", "-map", "1", "-c", "copy"),
            *("-disposition:v:0", "default", "-disposition:v:1", "0", str(path)),
        )

    return write


@pytest.mark.parametrize("container", ["mp4", "mov", "mkv"])
def test_a_thumbnail_is_never_shown_in_the_place_of_the_film(container, folder):
    out, facts = made(with_thumbnail(), f"thumbnail.{container}", folder)
    assert (facts.width, facts.height, facts.picture_seconds) == (320, 180, pytest.approx(2))
    assert near(pixel(out, 0.5, 0.5, 1.1), WHITE)


@pytest.mark.parametrize("name", ["motion.avi", "motion.mkv", "motion.mov"])
def test_a_film_of_single_pictures_is_one(name, folder):
    maker = make.clip("-c:a", "pcm_s16le", video=("-c:v", "mjpeg", "-pix_fmt", "yuvj420p"))
    _out, facts = made(maker, name, folder)
    assert (facts.width, facts.height, facts.frames) == (320, 180, 50)


def test_a_film_of_single_pictures_is_shown_though_another_track_follows(folder):
    """A camera in Motion JPEG, and the screen beside it."""

    def write(path: Path) -> None:
        camera, screen = make.beside(path, "camera.mov"), make.beside(path, "screen.mp4")
        make.clip("-c:a", "pcm_s16le", video=("-c:v", "mjpeg", "-pix_fmt", "yuvj420p"))(camera)
        ffmpeg("-f", "lavfi", "-i", "color=red:s=160x90:d=2", *X264, str(screen))
        ffmpeg(
            *("-i", str(camera), "-i", str(screen), "-map", "0", "-map", "1:v", "-c", "copy"),
            *("-disposition:v:0", "default", "-disposition:v:1", "0", str(path)),
        )

    _out, facts = made(write, "two.mkv", folder)
    assert (facts.width, facts.height) == (320, 180)
