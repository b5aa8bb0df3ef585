from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from videos.media.timecodes import length, seconds_of, time_code, webvtt_time


@pytest.mark.parametrize(
    ("seconds", "text"),
    [("0", "0:00"), ("83", "1:23"), ("83.46", "1:23.4"), ("3723.5", "1:02:03.5"), ("600", "10:00")],
)
def test_a_moment_is_written_as_people_write_it(seconds, text):
    assert time_code(Decimal(seconds)) == text


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1:23", "83"),
        (" 83 ", "83"),
        ("1:02:03.5", "3723.5"),
        ("0:07,25", "7.25"),
        ("90:00", "5400"),
    ],
)
def test_a_moment_is_read_in_every_usual_way(text, seconds):
    assert seconds_of(text) == Decimal(seconds)


@pytest.mark.parametrize("text", ["", "soon", "-1", "1:", ":3", "1e3", "NaN", "1:2:3:4", "٣"])
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(ValidationError):
        seconds_of(text)


@given(st.integers(0, 10**6))
def test_reading_undoes_writing(tenths):
    seconds = Decimal(tenths) / 10
    assert seconds_of(time_code(seconds)) == seconds


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, ""), (0.2, "0:01"), (59.6, "1:00"), (754, "12:34"), (3723.4, "1:02:03")],
)
def test_a_duration_is_whole_seconds_and_never_nothing(seconds, text):
    assert length(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "00:00:00.000"),
        (62.5, "00:01:02.500"),
        (59.9996, "00:01:00.000"),
        (36_000, "10:00:00.000"),
    ],
)
def test_webvtt_has_hours_and_milliseconds(seconds, text):
    assert webvtt_time(seconds) == text
