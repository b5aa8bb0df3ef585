from decimal import Decimal
from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from studio.ranges import seconds, union

position = st.integers(0, 400).map(lambda quarters: quarters / 4)
played = st.lists(st.tuples(position, position).map(lambda pair: tuple(sorted(pair))), max_size=12)


def quarters_of(ranges, duration=None):
    """An oracle: which quarters of a second lie in the ranges."""
    limit = 400 if duration is None else int(duration * 4)
    return {q for a, b in ranges for q in range(int(a * 4), int(b * 4)) if q < limit}


@given(played)
def test_seconds_watched_are_the_union_of_the_ranges(ranges):
    assert seconds(union(ranges)) == Decimal(len(quarters_of(ranges))) / 4


@given(st.lists(played, max_size=6), st.randoms(use_true_random=False), position)
def test_the_union_does_not_depend_on_order_or_repetition(beacons, random, duration):
    def watch(order):
        known = []
        for ranges in order:
            known = union([*known, *ranges], duration)
        return known

    repeated = beacons + random.sample(beacons, len(beacons) // 2)
    random.shuffle(repeated)
    assert watch(repeated) == watch(beacons) == union(chain(*beacons), duration)


@given(played, position)
def test_ranges_are_bounded_to_the_duration(ranges, duration):
    assert seconds(union(ranges, duration)) == Decimal(len(quarters_of(ranges, duration))) / 4


@given(played)
def test_ranges_come_out_sorted_disjoint_and_not_empty(ranges):
    points = [point for pair in union(ranges) for point in pair]
    assert points == sorted(set(points))


def test_seconds_are_exact_in_the_digits_reported():
    assert seconds([(0.1, 0.3), (1, 2.9)]) == Decimal("2.1")
