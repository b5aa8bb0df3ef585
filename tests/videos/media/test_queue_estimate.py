from hypothesis import given
from hypothesis import strategies as st

from videos.media.jobs.queue_estimate import starts

seconds = st.floats(0, 1e6)


def test_the_first_waits_for_the_first_worker_to_be_free_and_so_on():
    assert starts([30.0, 100.0], [50.0, 10.0, 5.0]) == [30.0, 80.0, 90.0]


def test_where_nobody_works_the_first_starts_at_once():
    assert starts([], [60.0, 60.0]) == [0.0, 60.0]


@given(st.lists(seconds, max_size=8), st.lists(seconds, max_size=30))
def test_nobody_starts_before_who_stands_in_front(left, lengths):
    found = starts(left, lengths)
    assert len(found) == len(lengths)
    assert found == sorted(found)
