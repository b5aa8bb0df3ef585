import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from videos.planning.overlap import Booking, Span, find_conflict, overlaps

START = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)


def span(first, length):
    return Span(START + dt.timedelta(minutes=first), START + dt.timedelta(minutes=first + length))


spans = st.builds(span, st.integers(0, 60), st.integers(1, 30))
keys = st.frozensets(st.integers(1, 4), max_size=3)
bookings = st.builds(Booking, st.integers(1, 9), spans, keys, keys)


def minutes(one):
    """The minutes of a span, one by one: the plain way to say what overlaps."""
    first = int((one.start - START).total_seconds() // 60)
    return set(range(first, first + int((one.end - one.start).total_seconds() // 60)))


@given(spans, spans)
def test_two_spans_overlap_when_they_share_a_minute(one, other):
    assert overlaps(one, other) == overlaps(other, one) == bool(minutes(one) & minutes(other))


def test_a_shoot_may_begin_when_the_one_before_ends():
    assert not overlaps(span(0, 30), span(30, 30))
    assert overlaps(span(0, 31), span(30, 30))


def test_a_shoot_is_never_in_its_own_way_whatever_its_key():
    alone = [
        Booking(int(key), span(0, 30), frozenset({1}), frozenset()) for key in ("70000", "70000")
    ]
    assert find_conflict(alone[0], alone[1:]) is None


@given(bookings, st.lists(bookings, max_size=6))
def test_conflicting_bookings_share_time_and_an_expert_or_a_resource(wanted, others):
    clashing = [
        other
        for other in others
        if other.shoot != wanted.shoot
        and minutes(wanted.span) & minutes(other.span)
        and (wanted.experts & other.experts or wanted.resources & other.resources)
    ]
    found = find_conflict(wanted, others)
    if not clashing:
        assert found is None
        return
    first = clashing[0]
    assert found == Booking(
        first.shoot,
        first.span,
        first.experts & wanted.experts,
        first.resources & wanted.resources,
    )
