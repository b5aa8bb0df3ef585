"""How a won deal's amount is split over its touches: eight models, in exact arithmetic."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from math import floor

from django.utils.translation import gettext_lazy as _

WEEK = dt.timedelta(days=7) // dt.timedelta(microseconds=1)
# Far more digits than the fifteen that the report promises.
PRECISE = Context(prec=60)


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
    return max((place for place, start in enumerate(starts) if start <= instant), default=0)


def scaled(weights: Sequence[Fraction]) -> list[Fraction]:
    """The weights, scaled so that they sum to 1."""
    total = sum(weights)
    return [weight / total for weight in weights]


def by_role(line: Line, roles: Mapping[str, Fraction]) -> list[Fraction]:
    """Each role's share to the touch in it; what is left of 1 equally to touches in no role.

    A touch in several roles takes their sum. With no touch left, the shares are scaled to 1.
    """
    places = {
        "first": 0,
        "lead": last_at_or_before(line.starts, line.lead),
        "deal": last_at_or_before(line.starts, line.deal),
        "last": len(line.starts) - 1,
    }
    weights = [Fraction(0)] * len(line.starts)
    for role, share in roles.items():
        weights[places[role]] += share
    taken = {places[role] for role in roles}
    rest = [place for place in range(len(weights)) if place not in taken]
    left = 1 - sum(roles.values(), Fraction(0))
    for place in rest:
        weights[place] = left / len(rest)
    return scaled(weights)


def first(line: Line) -> list[Fraction]:
    """All to the first touch."""
    return [Fraction(place == 0) for place in range(len(line.starts))]


def last(line: Line) -> list[Fraction]:
    """All to the last touch."""
    return first(line)[::-1]


def linear(line: Line) -> list[Fraction]:
    """The same to each touch."""
    return scaled([Fraction(1)] * len(line.starts))


def position_based(line: Line) -> list[Fraction]:
    """40% first, 40% last, 20% between; two touches half each, one touch all."""
    return by_role(line, {"first": Fraction(40, 100), "last": Fraction(40, 100)})


def time_decay(line: Line) -> list[Fraction]:
    """Half the weight for each week further from the close.

    Counted back from the last touch, which scaling makes the same. Whole weeks are exact; of the
    rest, 60 digits.
    """
    halved = []
    for start in line.starts:
        age = (line.starts[-1] - start) // dt.timedelta(microseconds=1)
        weeks, rest = divmod(age, WEEK)
        exponent = PRECISE.divide(Decimal(-rest), Decimal(WEEK))
        halved.append(Fraction(PRECISE.power(Decimal(2), exponent)) / 2**weeks)
    return scaled(halved)


def u_shaped(line: Line) -> list[Fraction]:
    """40% first touch, 40% lead touch, 20% the rest."""
    return by_role(line, {"first": Fraction(40, 100), "lead": Fraction(40, 100)})


def w_shaped(line: Line) -> list[Fraction]:
    """30% first, 30% lead, 30% deal touch, 10% the rest."""
    return by_role(line, dict.fromkeys(("first", "lead", "deal"), Fraction(30, 100)))


def full_path(line: Line) -> list[Fraction]:
    """22.5% each first, lead, deal and last touch, 10% the rest."""
    return by_role(line, dict.fromkeys(("first", "lead", "deal", "last"), Fraction(225, 1000)))


_ROLES = _(
    "The lead touch is the last one at or before the first of the deal's contacts became known, "
    "the deal touch the last one at or before the deal was created; where there is none, the "
    "first touch. A touch in several roles takes the sum of their shares."
)


@dataclass(frozen=True, slots=True)
class Model:
    """A way to split a deal's amount: its name, its definition in words, and its weights."""

    name: object
    definition: object
    weights: Callable[[Line], list[Fraction]]
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


def split(minor: int, weights: Sequence[Fraction]) -> list[int]:
    """Share `minor` by weights that sum to 1: largest remainder, ties to the earlier."""
    exact = [minor * weight for weight in weights]
    parts = [floor(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda place: parts[place] - exact[place])
    for place in by_remainder[: minor - sum(parts)]:
        parts[place] += 1
    return parts
