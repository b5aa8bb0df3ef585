"""How a won deal's amount is split over its touches: eight models, in whole numbers alone."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import cache

from django.utils.translation import gettext_lazy as _

WEEK = dt.timedelta(days=7) // dt.timedelta(microseconds=1)
# Far more digits than the fifteen that the report promises: 2^-128 is 3e-39.
BITS = 128
ONE = 1 << BITS
PRECISE = Context(prec=60)
TENS = [1023 << place for place in (0, 10, 20, 30)]  # ten bits each of an age below a week


@dataclass(frozen=True, slots=True)
class Line:
    """What the weights of a deal's touches depend on.

    `starts` are the touches' starts in their order, at least one; `lead` and `deal` the instants
    at or before which the lead touch and the deal touch are looked for.
    """

    starts: Sequence[dt.datetime]
    lead: dt.datetime
    deal: dt.datetime


def last_at_or_before(starts: Sequence[dt.datetime], instant: dt.datetime) -> int:
    """The place of the last touch at or before `instant`; the first touch where there is none."""
    return max(bisect_right(starts, instant) - 1, 0)


def by_role(line: Line, roles: Mapping[str, int]) -> list[int]:
    """Each role's share, of 1000, to the touch in it; the rest equally to touches in no role.

    A touch in several roles takes their sum. With no touch left, the shares are all there is.
    """
    places = {
        "first": 0,
        "lead": last_at_or_before(line.starts, line.lead),
        "deal": last_at_or_before(line.starts, line.deal),
        "last": len(line.starts) - 1,
    }
    taken = {places[role] for role in roles}
    others = len(line.starts) - len(taken)
    # All times the number of the others, so that an equal part of the rest is a whole number.
    weights = [1000 - sum(roles.values())] * len(line.starts)
    for place in taken:
        shares = sum(share for role, share in roles.items() if places[role] == place)
        weights[place] = shares * max(others, 1)
    return weights


def first(line: Line) -> list[int]:
    """All to the first touch."""
    return [1] + [0] * (len(line.starts) - 1)


def last(line: Line) -> list[int]:
    """All to the last touch."""
    return first(line)[::-1]


def linear(line: Line) -> list[int]:
    """The same to each touch."""
    return [1] * len(line.starts)


def position_based(line: Line) -> list[int]:
    """40% first, 40% last, 20% between; two touches half each, one touch all."""
    return by_role(line, {"first": 400, "last": 400})


@cache
def halved(age: int) -> int:
    """2^(-age / a week) as parts of ONE; `age` in microseconds."""
    exponent = PRECISE.divide(Decimal(-age), Decimal(WEEK))
    return int(PRECISE.multiply(PRECISE.power(Decimal(2), exponent), Decimal(ONE)))


def time_decay(line: Line) -> list[int]:
    """Half the weight for each week further from the close.

    Counted back from the last touch, which only scales. Whole weeks are exact; of the rest, 37
    digits: ten bits of the age at a time, so that few powers are ever computed.
    """
    microsecond = dt.timedelta(microseconds=1)
    ages = [divmod((line.starts[-1] - start) // microsecond, WEEK) for start in line.starts]
    most = ages[0][0]
    weights = []
    for weeks, rest in ages:
        weight = ONE
        for ten in TENS:
            weight = weight * halved(rest & ten) >> BITS
        weights.append(weight << (most - weeks))
    return weights


def u_shaped(line: Line) -> list[int]:
    """40% first touch, 40% lead touch, 20% the rest."""
    return by_role(line, {"first": 400, "lead": 400})


def w_shaped(line: Line) -> list[int]:
    """30% first, 30% lead, 30% deal touch, 10% the rest."""
    return by_role(line, dict.fromkeys(("first", "lead", "deal"), 300))


def full_path(line: Line) -> list[int]:
    """22.5% each first, lead, deal and last touch, 10% the rest."""
    return by_role(line, dict.fromkeys(("first", "lead", "deal", "last"), 225))


_ROLES = _(
    "The lead touch is the last one at or before the first of the deal's contacts became known, "
    "the deal touch the last one at or before the deal was created; where there is none, the "
    "first touch. A touch in several roles takes the sum of their shares."
)


@dataclass(frozen=True, slots=True)
class Model:
    """A way to split a deal's amount: its name, its definition in words, and its weights.

    Weights are whole numbers from 0, in proportion.
    """

    name: object
    definition: object
    weights: Callable[[Line], list[int]]
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
    """Share `minor` in proportion to the weights: largest remainder, ties to the earlier."""
    total = sum(weights)
    shares = [divmod(minor * weight, total) for weight in weights]
    parts = [whole for whole, _remainder in shares]
    by_remainder = sorted(range(len(shares)), key=lambda place: -shares[place][1])
    for place in by_remainder[: minor - sum(parts)]:
        parts[place] += 1
    return parts
