"""The models on worked examples, computed by hand, and the split that adds up."""

import datetime as dt
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videos.deals.attribution.credit import MODELS, TouchTimeline, decay, split

BASE = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)


def at(day):
    return BASE + dt.timedelta(days=day)


def credit(model, minor, touches, *, lead=0, deal=0):
    """Parts of `minor` for touches on these days; lead and deal instants on those."""
    timeline = TouchTimeline(starts=[at(day) for day in touches], lead=at(lead), deal=at(deal))
    return split(minor, MODELS[model].weights(timeline))


@pytest.mark.parametrize(
    ("model", "touches", "places", "parts"),
    [
        ("first", [1, 2, 3], {}, [1000, 0, 0]),
        ("last", [1, 2, 3], {}, [0, 0, 1000]),
        ("linear", [1, 2, 3], {}, [334, 333, 333]),
        ("position_based", [1], {}, [1000]),
        ("position_based", [1, 2], {}, [500, 500]),
        ("position_based", [1, 2, 3], {}, [400, 200, 400]),
        ("position_based", [1, 2, 3, 4, 5], {}, [400, 67, 67, 66, 400]),
        # Half a week by week: 4/7, 2/7 and 1/7 from the last back.
        ("time_decay", [0, 7, 14], {}, [143, 286, 571]),
        ("time_decay", [3, 3], {}, [500, 500]),
        # Lead touch: the last one on or before day 2.
        ("u_shaped", [1, 2, 3, 4], {"lead": 2}, [400, 400, 100, 100]),
        ("u_shaped", [1, 2, 3], {"lead": 0}, [800, 100, 100]),  # no lead touch: the first
        ("u_shaped", [1, 2], {"lead": 9}, [500, 500]),  # no rest: scaled to 1
        ("u_shaped", [1], {}, [1000]),
        ("w_shaped", [1, 2, 3, 4], {"lead": 2, "deal": 3}, [300, 300, 300, 100]),
        ("w_shaped", [1, 2, 3], {"lead": 2, "deal": 2}, [300, 600, 100]),
        ("w_shaped", [1, 2, 3], {"lead": 2, "deal": 3}, [334, 333, 333]),
        ("full_path", [1, 2, 3, 4, 5], {"lead": 2, "deal": 3}, [225, 225, 225, 100, 225]),
        ("full_path", [1, 2, 3], {"lead": 0, "deal": 9}, [450, 100, 450]),
        ("full_path", [1, 2], {"lead": 1, "deal": 1}, [750, 250]),
    ],
)
def test_each_model_on_a_worked_example(model, touches, places, parts):
    assert credit(model, 1000, touches, **places) == parts


def test_time_decay_counts_parts_of_weeks_to_many_digits():
    timeline = TouchTimeline(starts=[at(0), at(1)], lead=at(0), deal=at(0))
    older, newer = MODELS["time_decay"].weights(timeline)
    with localcontext(prec=50):
        ratio = Decimal(older) / Decimal(newer)
        assert abs(ratio**7 * 2 - 1) < Decimal("1e-35")


@given(st.lists(st.integers(0, 10**14), min_size=1, max_size=9))
def test_time_decay_halves_by_the_microsecond_to_thirty_five_digits(ages):
    ages = sorted({0, *ages}, reverse=True)
    starts = [BASE - dt.timedelta(microseconds=age) for age in ages]
    *weights, newest = MODELS["time_decay"].weights(TouchTimeline(starts, lead=BASE, deal=BASE))
    with localcontext(prec=60):
        for age, weight in zip(ages, weights, strict=False):
            exact = Decimal(2) ** (Decimal(-age) / Decimal(7 * 86_400 * 10**6))
            assert abs(Decimal(weight) / newest / exact - 1) < Decimal("1e-35")


def test_time_decay_is_exact_over_whole_weeks():
    starts = [at(0), at(2), at(7), at(21)]
    weights = MODELS["time_decay"].weights(TouchTimeline(starts, lead=BASE, deal=BASE))
    assert (weights[2], weights[3]) == (weights[0] * 2, weights[0] * 8)


def test_time_decay_computes_few_powers_however_many_touches():
    starts = [BASE + dt.timedelta(microseconds=999_999_937 * n) for n in range(20_000)]
    MODELS["time_decay"].weights(TouchTimeline(starts, lead=BASE, deal=BASE))
    assert decay.cache_info().currsize <= 4 * 1024


def test_time_decay_bears_touches_of_other_centuries():
    assert credit("time_decay", 10**15, [-300_000, 0]) == [0, 10**15]


def test_what_cannot_be_shared_goes_to_the_largest_remainder_then_the_earlier():
    assert split(100, [1, 1, 1]) == [34, 33, 33]
    assert split(1, [1, 2, 1]) == [0, 1, 0]
    assert split(0, [1, 1]) == [0, 0]


@given(st.integers(0, 10**15), st.lists(st.integers(1, 999), min_size=1, max_size=40))
def test_parts_are_the_shares_rounded_and_add_up_to_the_cent(minor, weights):
    parts = split(minor, weights)
    exact = [Fraction(minor * weight, sum(weights)) for weight in weights]
    assert sum(parts) == minor
    assert all(abs(part - share) < 1 for part, share in zip(parts, exact, strict=True))


@given(
    st.sampled_from(sorted(MODELS)),
    st.lists(st.integers(0, 400), min_size=1, max_size=30),
    st.integers(-10, 400),
    st.integers(-10, 400),
)
def test_no_model_gives_a_touch_less_than_nothing_or_a_deal_no_weight(model, touches, lead, deal):
    timeline = TouchTimeline(
        starts=[at(day) for day in sorted(touches)], lead=at(lead), deal=at(deal)
    )
    weights = MODELS[model].weights(timeline)
    assert len(weights) == len(touches)
    assert min(weights) >= 0
    assert sum(weights) > 0


@given(
    st.sampled_from(sorted(MODELS)),
    st.integers(0, 10**15),
    st.lists(st.integers(0, 400), min_size=1, max_size=30),
    st.integers(-10, 400),
    st.integers(-10, 400),
)
def test_credit_by_any_model_adds_up_to_the_deals_amount_to_the_cent(
    model, minor, touches, lead, deal
):
    parts = credit(model, minor, sorted(touches), lead=lead, deal=deal)
    assert sum(parts) == minor
    assert len(parts) == len(touches)
