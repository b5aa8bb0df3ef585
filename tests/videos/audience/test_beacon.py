import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videos.audience.tracking.beacon import BadBeacon, BeaconReport, parse_report

VIEW = "0b7e5f0a-4c34-4b3f-9d4a-0123456789ab"
GOOD = {
    "video": "v-1",
    "share": "abc",
    "seq": 0,
    "elapsed": 4.5,
    "ranges": [[0, 4.25]],
    "event": "pause",
}


def body(**changes):
    return json.dumps(GOOD | changes).encode()


def test_a_report_is_read_as_it_was_sent():
    assert parse_report(VIEW.upper(), body()) == BeaconReport(
        view=VIEW,
        video="v-1",
        share="abc",
        seq=0,
        elapsed=4.5,
        ranges=((0.0, 4.25),),
        event="pause",
    )


@pytest.mark.parametrize(
    ("sent", "key"),
    [({}, ""), ({"key": None}, ""), ({"key": ""}, ""), ({"key": " ~" * 32}, " ~" * 32)],
)
def test_a_view_may_have_a_key(sent, key):
    assert parse_report(VIEW, body(**sent)).key == key


@pytest.mark.parametrize("share", [None, ""])
def test_a_view_needs_no_share_link(share):
    assert parse_report(VIEW, body(share=share)).share is None
    without = {key: value for key, value in GOOD.items() if key != "share"}
    assert parse_report(VIEW, json.dumps(without).encode()).share is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 9000, "not JSON"),
        (b"9" * 9000, "not JSON"),
        (b"[]", "not an object"),
        (b"null", "not an object"),
        (body(event="x" * 17000), "too large"),
        (body(video=None), "video is no text"),
        (body(video=7), "video is no text"),
        (body(video=""), "video is no text"),
        (body(video="v" * 256), "video is no text"),
        (body(video="v\x00"), "video is no text"),
        (body(video="\ud800"), "video is no text"),
        (body(share=["abc"]), "share is no text"),
        (body(share="a\nb"), "share is no text"),
        (body(key=7), "key is no text"),
        (body(key="k" * 65), "key is no text"),
        (body(key="k\x7f"), "key is no text"),
        (body(key="ключ"), "key is no ASCII"),
        (body(event=None), "event is no text"),
        (body(event="e" * 21), "event is no text"),
        (body(seq=-1), "seq is out of range"),
        (body(seq=2**31), "seq is out of range"),
        (body(seq=1.0), "seq is out of range"),
        (body(seq=True), "seq is out of range"),
        (body(seq="1"), "seq is out of range"),
        (body(seq=None), "seq is out of range"),
        (body(elapsed=None), "elapsed is no number"),
        (body(elapsed="4"), "elapsed is no number"),
        (body(elapsed=True), "elapsed is no number"),
        (body(elapsed=-0.1), "elapsed is out of range"),
        (body(elapsed=float("nan")), "elapsed is out of range"),
        (body(elapsed=float("-inf")), "elapsed is out of range"),
        (body(ranges=None), "ranges is no list"),
        (body(ranges={}), "ranges is no list"),
        (body(ranges=[[0, 1]] * 501), "too many ranges"),
        (body(ranges=[1, 2]), "a range is no pair"),
        (body(ranges=[[1]]), "a range is no pair"),
        (body(ranges=[[1, 2, 3]]), "a range is no pair"),
        (body(ranges=[["0", "1"]]), "a range is no number"),
        (body(ranges=[[False, True]]), "a range is no number"),
        (body(ranges=[[2, 1]]), "a range is reversed"),
        (body(ranges=[[-1, 1]]), "a range is out of range"),
        (body(ranges=[[0, float("nan")]]), "a range is out of range"),
        (body(ranges=[[0, float("inf")]]), "a range is out of range"),
        (body(ranges=[[0, 1e300]]), "a range is out of range"),
    ],
)
def test_a_malformed_beacon_is_refused_with_its_reason(text, reason):
    with pytest.raises(BadBeacon) as refusal:
        parse_report(VIEW, text)
    assert str(refusal.value) == reason


@pytest.mark.parametrize("elapsed", [600.5, 604800, 604801, 10**400, float("inf")])
def test_elapsed_of_any_size_is_taken_as_ten_minutes_at_most(elapsed):
    assert parse_report(VIEW, body(elapsed=elapsed)).elapsed == 600


def test_positions_have_ten_digits_after_the_point_at_most():
    digits = [[1e-300, 1.00000000014], [1234567.1234567891, 1234568]]
    assert parse_report(VIEW, body(ranges=digits)).ranges == (
        (0.0, 1.0000000001),
        (1234567.1234567891, 1234568.0),
    )


@pytest.mark.parametrize(
    "at_the_bound",
    [
        {"video": "v" * 255},
        {"share": "s" * 255},
        {"key": "k" * 64},
        {"event": "e" * 20},
        {"seq": 2**31 - 1},
        {"elapsed": 0},
        {"ranges": [[0, 1e7]]},
        {"ranges": [[3, 3]]},
        {"ranges": [[0, 1]] * 500},
        {"ranges": []},
    ],
    ids=str,
)
def test_what_a_visitor_sends_is_taken_up_to_its_bounds(at_the_bound):
    (name, value), *_ = at_the_bound.items()
    taken = getattr(parse_report(VIEW, body(**at_the_bound)), name)
    assert taken == (tuple(map(tuple, value)) if name == "ranges" else value)


def test_what_a_visitor_sends_is_bounded_just_past_its_bounds():
    with pytest.raises(BadBeacon, match="a range is out of range"):
        parse_report(VIEW, body(ranges=[[0, 1e7 + 1e-3]]))
    for spaces, is_taken in ((16 * 1024 - len(body()), True), (16 * 1024 - len(body()) + 1, False)):
        text = body() + b" " * spaces
        if is_taken:
            assert parse_report(VIEW, text).video == "v-1"
        else:
            with pytest.raises(BadBeacon, match="too large"):
                parse_report(VIEW, text)


@pytest.mark.parametrize("view", ["", "7", "not-a-uuid", VIEW + "0", "\x00"])
def test_a_view_is_named_by_a_uuid(view):
    with pytest.raises(BadBeacon):
        parse_report(view, body())


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text("7a\n\x00\ud800", max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=6,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(GOOD, json_values)), st.booleans())
def test_whatever_comes_is_a_report_or_refused(changes, whole):
    fields = GOOD | changes if whole else changes
    try:
        report = parse_report(VIEW, json.dumps(fields).encode())
    except BadBeacon:
        return
    assert 0 <= report.seq < 2**31
    assert 0 <= report.elapsed <= 600
    assert all(0 <= a <= b <= 1e7 for a, b in report.ranges)
