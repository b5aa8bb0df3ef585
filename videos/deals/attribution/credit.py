"""Attribution models: how a won deal's amount is split over its touches, in integers only."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import cache

from django.utils.translation import gettext_lazy as _

WEEK = dt.timedelta(days=7) // dt.timedelta(microseconds=1)
# 2^-128 is 3e-39: far more precise than the 15 digits that the report promises.
BITS = 128
ONE = 1 << BITS
PRECISE = Context(prec=60)
TENS = [
    1023 << place for place in (0, 10, 20, 30)
]  # masks of ten bits each, of an age below one week


@dataclass(frozen=True, slots=True)
class TouchTimeline:
    """The starts of a deal's touches, and the instants that decide their roles.

    `starts` are in order, at least one. The lead touch and the deal touch are the last ones at or
    before `lead` and `deal`.
    """

    starts: Sequence[dt.datetime]
    lead: dt.datetime
    deal: dt.datetime


def last_at_or_before(starts: Sequence[dt.datetime], instant: dt.datetime) -> int:
    """Returns the index of the last touch at or before `instant`; 0 if there is none."""
    return max(bisect_right(starts, instant) - 1, 0)


def weights_by_role(timeline: TouchTimeline, roles: Mapping[str, int]) -> list[int]:
    """Gives each role's share (of 1000) to its touch, and the rest equally to the other touches.

    A touch in several roles gets the sum of their shares. If every touch has a role, the shares are
    the weights.
    """
    places = {
        "first": 0,
        "lead": last_at_or_before(timeline.starts, timeline.lead),
        "deal": last_at_or_before(timeline.starts, timeline.deal),
        "last": len(timeline.starts) - 1,
    }
    taken = {places[role] for role in roles}
    others = len(timeline.starts) - len(taken)
    # Everything is multiplied by the number of other touches, so that an equal part of the rest is
    # an integer.
    weights = [1000 - sum(roles.values())] * len(timeline.starts)
    for place in taken:
        shares = sum(share for role, share in roles.items() if places[role] == place)
        weights[place] = shares * max(others, 1)
    return weights


def first(timeline: TouchTimeline) -> list[int]:
    """All to the first touch."""
    return [1] + [0] * (len(timeline.starts) - 1)


def last(timeline: TouchTimeline) -> list[int]:
    """All to the last touch."""
    return first(timeline)[::-1]


def linear(timeline: TouchTimeline) -> list[int]:
    """The same to each touch."""
    return [1] * len(timeline.starts)


def position_based(timeline: TouchTimeline) -> list[int]:
    """40% first, 40% last, 20% in between; two touches get half each, a single touch all."""
    return weights_by_role(timeline, {"first": 400, "last": 400})


@cache
def decay(age: int) -> int:
    """Returns 2^(-age / 1 week) in units of 1/ONE; `age` in microseconds."""
    exponent = PRECISE.divide(Decimal(-age), Decimal(WEEK))
    return int(PRECISE.multiply(PRECISE.power(Decimal(2), exponent), Decimal(ONE)))


def time_decay(timeline: TouchTimeline) -> list[int]:
    """Half the weight for each week further from the close.

    Ages are measured from the last touch instead of the close, which only scales the weights. Whole
    weeks are exact; the rest is computed to 37 digits, ten bits of the age at a time, so that few
    distinct powers are ever computed.
    """
    microsecond = dt.timedelta(microseconds=1)
    ages = [divmod((timeline.starts[-1] - start) // microsecond, WEEK) for start in timeline.starts]
    most = ages[0][0]
    weights = []
    for weeks, rest in ages:
        weight = ONE
        for ten in TENS:
            weight = weight * decay(rest & ten) >> BITS
        weights.append(weight << (most - weeks))
    return weights


def u_shaped(timeline: TouchTimeline) -> list[int]:
    """40% first touch, 40% lead touch, 20% the rest."""
    return weights_by_role(timeline, {"first": 400, "lead": 400})


def w_shaped(timeline: TouchTimeline) -> list[int]:
    """30% first, 30% lead, 30% deal touch, 10% the rest."""
    return weights_by_role(timeline, dict.fromkeys(("first", "lead", "deal"), 300))


def full_path(timeline: TouchTimeline) -> list[int]:
    """22.5% each first, lead, deal and last touch, 10% the rest."""
    return weights_by_role(timeline, dict.fromkeys(("first", "lead", "deal", "last"), 225))


_ROLES = _(
    "The lead touch is the last one at or before the first of the deal's contacts became known, "
    "the deal touch the last one at or before the deal was created; where there is none, the "
    "first touch. A touch in several roles takes the sum of their shares."
)


@dataclass(frozen=True, slots=True)
class Model:
    """An attribution model: its name, its definition for people, and its weight function.

    Weights are integers from 0; only their proportions matter.
    """

    name: object
    definition: object
    weights: Callable[[TouchTimeline], list[int]]
    roles: object = ""


MODELS = {
    "first": Model(_("First touch"), _("All to the first touch."), first),
    "last": Model(_("Last touch"), _("All to the last touch before the close."), last),
    "linear": Model(_("Linear"), _("The same share to each touch."), linear),
    "position_based": Model(
        _("Position-based"),
        _(
            "40% to the first touch, 40% to the last, 20% equally to those between; two touches "
            "get half each."
        ),
        position_based,
    ),
    "time_decay": Model(
        _("Time decay"),
        _("A touch counts half as much for every seven days before the close."),
        time_decay,
    ),
    "u_shaped": Model(
        _("U-shaped"),
        _("40% to the first touch, 40% to the lead touch, 20% equally to the rest."),
        u_shaped,
        _ROLES,
    ),
    "w_shaped": Model(
        _("W-shaped"),
        _("30% each to the first, the lead and the deal touch, 10% equally to the rest."),
        w_shaped,
        _ROLES,
    ),
    "full_path": Model(
        _("Full path"),
        _(
            "22.5% each to the first, the lead, the deal and the last touch, 10% equally to the "
            "rest."
        ),
        full_path,
        _ROLES,
    ),
}
DEFAULT_MODEL = "linear"


def split(minor: int, weights: Sequence[int]) -> list[int]:
    """Splits `minor` in proportion to `weights` by largest remainder; ties go to the earlier."""
    total = sum(weights)
    shares = [divmod(minor * weight, total) for weight in weights]
    parts = [whole for whole, _remainder in shares]
    by_remainder = sorted(range(len(shares)), key=lambda place: -shares[place][1])
    for place in by_remainder[: minor - sum(parts)]:
        parts[place] += 1
    return parts
