"""What changes is told with the value before and after."""

import datetime as dt
import json
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from studio.changes import changes, plain

VALUES = st.one_of(
    st.none(),
    st.text("xyé ", max_size=9),
    st.integers(),
    st.decimals(allow_nan=False, allow_infinity=False, places=4),
    st.dates(),
    st.datetimes(timezones=st.just(dt.UTC)),
)
ROWS = st.dictionaries(st.sampled_from("abcd"), VALUES)


@given(ROWS, ROWS)
def test_every_field_that_differs_is_told_with_both_values_and_no_other(before, after):
    told = changes(before, after)
    assert told.keys() == {name for name in "abcd" if before.get(name) != after.get(name)}
    for name, pair in told.items():
        assert pair == [plain(before.get(name)), plain(after.get(name))]
    assert json.loads(json.dumps(told)) == told


def test_a_number_keeps_all_its_digits_and_is_no_other_for_being_written_otherwise():
    small, large = Decimal("0.0000001"), Decimal("1E+12")
    assert changes({"rate": small}, {"rate": large}) == {"rate": ["0.0000001", "1000000000000"]}
    assert changes({"rate": Decimal("0.9")}, {"rate": Decimal("0.900")}) == {}
