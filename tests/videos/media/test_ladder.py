from hypothesis import given
from hypothesis import strategies as st

from videos.media.ladder import ladder

sides = st.integers(16, 8192)


def sizes(width: int, height: int) -> list[tuple[int, int]]:
    return [(rung.width, rung.height) for rung in ladder(width, height)]


def test_full_hd_gets_every_step_below_it():
    assert sizes(1920, 1080) == [(1920, 1080), (1280, 720), (854, 480), (640, 360), (426, 240)]


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
