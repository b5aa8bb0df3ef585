import pytest
from hypothesis import given
from hypothesis import strategies as st

from videos.media.transcoding.ladder import Rung, bitrate, ladder, largest_up_to, nearest

sides = st.integers(16, 8192)


def sizes(width: int, height: int) -> list[tuple[int, int]]:
    return [(rung.width, rung.height) for rung in ladder(width, height)]


def test_full_hd_gets_every_step_below_it():
    assert sizes(1920, 1080) == [(1920, 1080), (1280, 720), (854, 480), (640, 360), (426, 240)]


def test_ultra_hd_gets_every_step_with_its_bit_rate():
    assert ladder(3840, 2160) == [
        Rung(3840, 2160, 24_000_000),
        Rung(2560, 1440, 14_000_000),
        Rung(1920, 1080, 9_000_000),
        Rung(1280, 720, 5_000_000),
        Rung(854, 480, 2_500_000),
        Rung(640, 360, 1_500_000),
        Rung(426, 240, 800_000),
    ]


def test_a_source_of_1440_lines_begins_at_1440():
    assert sizes(2560, 1440)[0] == (2560, 1440)
    assert sizes(2560, 1440) == sizes(3840, 2160)[1:]


def test_a_source_larger_than_ultra_hd_begins_at_2160():
    assert sizes(7680, 4320)[0] == (3840, 2160)


@pytest.mark.parametrize(("lines", "largest"), [(1187, 1080), (1188, 1188), (1440, 1440)])
def test_a_source_a_tenth_larger_than_a_step_gets_a_rung_of_its_own_size(lines, largest):
    assert ladder(2 * lines, lines)[0].short_side == largest


def test_no_side_is_longer_than_4096_pixels():
    assert sizes(8192, 2000)[0] == (4096, 1000)


@pytest.mark.parametrize(
    ("lines", "bits"),
    [
        (1440, 14_000_000),
        (1260, 10_718_750),  # between two steps: by area, from the one above
        (540, 2_812_500),
        (120, 200_000),
        (16, 100_000),  # and never less
    ],
)
def test_bit_rates_between_steps_go_by_area(lines, bits):
    assert bitrate(lines) == bits


def test_the_nearest_rung_is_found_by_its_short_side():
    rungs = ladder(1920, 1080)
    assert [rungs[nearest(rungs, lines)].short_side for lines in (240, 360, 800)] == [240, 360, 720]


def test_the_largest_rung_up_to_a_size_is_found_else_the_smallest():
    rungs = ladder(3840, 2160)
    assert rungs[largest_up_to(rungs, 1080)].short_side == 1080
    assert rungs[largest_up_to(rungs, 100)].short_side == 240


def test_portrait_goes_by_its_short_side():
    assert sizes(1080, 1920) == [(1080, 1920), (720, 1280), (480, 854), (360, 640), (240, 426)]


def test_odd_sides_become_even_and_never_larger():
    assert sizes(639, 361) == [(638, 360), (424, 240)]


def test_a_size_between_two_steps_keeps_a_rung_of_its_own():
    assert sizes(768, 576) == [(768, 576), (640, 480), (480, 360), (320, 240)]


def test_a_source_below_every_step_gets_one_rung():
    assert sizes(160, 90) == [(160, 90)]


def test_fast_pictures_get_more_bits():
    slow, fast = ladder(1920, 1080, 30)[0], ladder(1920, 1080, 60)[0]
    assert fast.bitrate == slow.bitrate * 3 // 2


@given(sides, sides)
def test_rungs_are_even_never_upscaled_and_fall(width, height):
    rungs = ladder(width, height)
    assert rungs
    for rung in rungs:
        assert rung.width % 2 == rung.height % 2 == 0
        assert 2 <= rung.width <= width
        assert 2 <= rung.height <= height
        assert rung.bitrate >= 100_000
    assert sorted(rungs, key=lambda rung: -min(rung[:2])) == rungs
    assert len({rung[:2] for rung in rungs}) == len(rungs)


@given(st.integers(240, 4096), st.integers(240, 4096))
def test_rungs_keep_the_shape(width, height):
    for rung in ladder(width, height):
        scale = min(rung.width / width, rung.height / height)
        assert abs(rung.width - width * scale) <= 1.01 + width * scale * 2 / rung.height
        assert abs(rung.height - height * scale) <= 1.01 + height * scale * 2 / rung.width
