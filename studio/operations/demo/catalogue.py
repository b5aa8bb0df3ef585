"""What Fernhill Heat films: fourteen videos, what each cost, and the buyers' questions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from studio.operations.demo.records import Booked, Days, Money, Older, Production, Quarter, Spent

# What a quarter's lines set aside, by kind of cost, in cents.
LINES = {
    "crew": ("Crew and operators", 1_450_000),
    "place": ("Studio and places", 320_000),
    "editing": ("Editing and graphics", 1_250_000),
    "travel": ("Travel", 240_000),
    "captions": ("Captions and translation", 120_000),
}
SUPPLIERS = {
    "crew": "Park Camera Crew",
    "place": "Quayside Rooms",
    "editing": "Cutting Table Post",
    "travel": "Staff travel",
    "captions": "Plain Words Captions",
}


class Plan(NamedTuple):
    """A video's days ago, stage by stage; -1 means: not yet. A shoot may lie ahead."""

    key: str
    title: str
    summary: str
    experts: tuple[str, ...]
    idea: int
    planned: int = -1
    asked: int = -1
    greenlit: int = -1
    booked: int = -1
    shoot: int = -1
    editing: int = -1
    cut: int = -1
    approved: int = -1
    published: int = -1
    cancelled: int = -1
    planned_for: int = 0  # days ahead, where it is not out yet
    euros: tuple[int, ...] = ()  # by kind of cost, in the order of LINES
    because: str = ""


PLANS = (
    Plan(
        "night",
        "What happens when it stops at three in the morning?",
        "Who sees the alarm, how fast we answer, and why your ovens keep running meanwhile.",
        ("tomasz",),
        215,
        208,
        206,
        203,
        200,
        190,
        187,
        172,
        169,
        164,
        euros=(1850, 300, 1400, 260, 120),
    ),
    Plan(
        "payback",
        "When has a heat pump paid for itself in a laundry?",
        "The same wash line with two bills, the year in which it pays, and the three numbers "
        "that decide.",
        ("ingrid", "yusuf"),
        150,
        141,
        139,
        135,
        133,
        121,
        118,
        99,
        96,
        91,
        euros=(2100, 420, 1750, 180, 150),
    ),
    Plan(
        "hot",
        "Is it hot enough for our brew kettle?",
        "How two stages reach ninety-five degrees in winter, and what they draw.",
        ("daniel",),
        75,
        66,
        65,
        61,
        59,
        40,
        37,
        8,
        5,
        planned_for=6,
        euros=(1900, 380, 1600, 340, 150),
    ),
    Plan(
        "install",
        "How long will our line stand still?",
        "From Friday's last batch to Sunday's hot water: the weekend of the switch, hour by hour.",
        ("maren",),
        68,
        58,
        57,
        50,
        47,
        26,
        22,
        2,
        planned_for=13,
        euros=(2200, 250, 1650, 420, 150),
    ),
    Plan(
        "noise",
        "Will the neighbours hear it?",
        "What fifty decibels at the fence sound like, and what the permit asks for.",
        ("liam",),
        60,
        50,
        49,
        44,
        41,
        17,
        14,
        planned_for=24,
        euros=(1500, 200, 1300, 220, 120),
    ),
    Plan(
        "grant",
        "Which grants can we still get this year?",
        "Who pays which part, what has to be signed before the order, and how long it takes.",
        ("yusuf", "henrik"),
        55,
        45,
        44,
        38,
        33,
        3,
        planned_for=31,
        euros=(1450, 300, 1200, 0, 150),
    ),
    Plan(
        "hygiene",
        "Does it keep our cleaning temperatures in the dairy?",
        "Eighty-five degrees at every tap, held for the time the inspector asks for.",
        ("elena", "aiko"),
        47,
        36,
        35,
        29,
        12,
        -5,
        planned_for=45,
        euros=(1700, 350, 1400, 380, 150),
    ),
    Plan(
        "backup",
        "Can we keep our steam boiler as a backup?",
        "How both work side by side, and what the insurer says.",
        ("maren", "tomasz"),
        40,
        27,
        26,
        6,
        planned_for=58,
        euros=(1600, 300, 1350, 200, 120),
    ),
    Plan(
        "contract",
        "What is in the service contract, and what is not?",
        "Read out loud, line by line, with what each line has cost a customer.",
        ("tomasz", "ingrid"),
        30,
        13,
        3,
        planned_for=70,
        euros=(1400, 250, 1250, 0, 120),
    ),
    Plan(
        "size",
        "How big is it, and does it fit our cellar?",
        "The footprint on a real floor, with a forklift in the door.",
        ("daniel",),
        9,
    ),
    Plan(
        "tour",
        "A day in our factory",
        "From the first weld to the last test.",
        ("maren",),
        120,
        110,
        108,
        104,
        100,
        80,
        cancelled=88,
        euros=(1800, 0, 1500, 500, 0),
        because="No buyer asked for it: two calls in a row wanted the service contract instead.",
    ),
)


def quarters(days: Days) -> tuple[Quarter, ...]:
    """Four quarters, of which today is in the third one's last month."""
    month = days.today.year * 12 + days.today.month - 1 - 8
    first = [dt.date((month + 3 * n) // 12, (month + 3 * n) % 12 + 1, 1) for n in range(5)]
    year = first[4].year
    found = []
    for number in range(4):
        ends_on = first[number + 1] - dt.timedelta(days=1)
        closing = days.moment(ends_on + dt.timedelta(days=12), dt.time(16))
        found.append(
            Quarter(
                code=f"FY{year}-Q{number + 1}",
                name=f"{first[number]:%B} to {ends_on:%B %Y}",
                starts_on=first[number],
                ends_on=ends_on,
                closed_at=closing if closing < days.end else None,
            )
        )
    return tuple(found)


def productions(days: Days, quarters: Sequence[Quarter]) -> tuple[Production, ...]:
    """The studio's own videos."""
    return tuple(production(plan, days, quarters) for plan in PLANS)


def production(plan: Plan, days: Days, quarters: Sequence[Quarter]) -> Production:
    """A plan's days as moments; the hours keep those of one day in order."""

    def when(ago: int, hour: int) -> dt.datetime | None:
        return days.at(ago, hour) if ago >= 0 else None

    created = days.at(plan.idea, 9)
    out = plan.published >= 0
    planned_for = days.ago(plan.published if out else -plan.planned_for)
    return Production(
        key=plan.key,
        title=plan.title,
        summary=plan.summary,
        experts=plan.experts,
        created_at=created,
        planned_at=when(plan.planned, 10),
        planned_for=planned_for if plan.planned >= 0 else None,
        money=money(plan, days, quarters) if plan.asked >= 0 else None,
        shoot=booking(plan, days) if plan.booked >= 0 else None,
        shot_at=when(plan.shoot, 16) if plan.editing >= 0 or 0 <= plan.shoot <= 3 else None,
        editing_at=when(plan.editing, 9),
        cut_at=when(plan.cut, 11),
        approved_at=when(plan.approved, 15),
        published_at=when(plan.published, 9),
        cancelled_at=when(plan.cancelled, 17),
        cancelled_because=plan.because,
    )


def booking(plan: Plan, days: Days) -> Booked:
    """A shoot in the morning, with a crew, a place and a kit."""
    place, kit = ("Boiler house studio", "Camera kit A")
    if len(plan.experts) > 1:
        place, kit = ("Showroom, second floor", "Camera kit B")
    return Booked(
        booked_at=days.at(plan.booked, 11),
        starts_at=days.at(plan.shoot, 10),
        minutes=30 if len(plan.experts) == 1 else 45,
        resources=("Lena Park, camera", place, kit),
        note="Bring the numbers of a real plant; no slides.",
    )


def money(plan: Plan, days: Days, quarters: Sequence[Quarter]) -> Money:
    """The estimate on the quarter of the shoot (else of the request), and its invoices."""
    asks = {kind: euros * 100 for kind, euros in zip(LINES, plan.euros, strict=True) if euros}
    due = days.ago(max(plan.shoot, 0) if plan.shoot != -1 else max(plan.asked, 0))
    quarter = next(q for q in quarters if q.starts_on <= due <= q.ends_on)
    return Money(
        asked_at=days.at(plan.asked, 14),
        asks=asks,
        period=quarter.code,
        greenlit_at=days.at(plan.greenlit, 10) if plan.greenlit >= 0 else None,
        spent=tuple(invoices(plan, asks, days, quarter)),
    )


def invoices(plan: Plan, asks: dict[str, int], days: Days, quarter: Quarter) -> list[Spent]:
    """Crew, place and travel after the shoot, the rest while editing: near what was expected."""
    if plan.shoot < 0 or plan.cancelled >= 0:
        return []
    found = []
    for number, (kind, minor) in enumerate(asks.items()):
        late = kind in {"editing", "captions"}
        if late and plan.editing < 0:
            continue
        ago = plan.editing - 6 if late else plan.shoot - 1
        day = min(days.ago(max(ago, 1)), quarter.ends_on)
        share = (96, 100, 93, 104, 100)[(number + len(plan.title)) % 5]
        found.append(
            Spent(
                at=days.moment(day, dt.time(16, 10 + number)),
                kind=kind,
                minor=minor * share // 100,
                supplier=SUPPLIERS[kind],
                invoice=f"{kind[:2].upper()}-{day:%y%m}-{1 + plan.idea % 89:03}",
            )
        )
    return found


def older(days: Days) -> tuple[Older, ...]:
    """Videos that were out before the studio was."""
    return (
        Older(
            "how", "old-how-it-works", "How a heat pump makes process heat",
            "The principle in a minute and a half.", Decimal("94"), days.at(431, 9), None,
        ),
        Older(
            "year", "old-one-year-later", "One year later, in a bakery",
            "A baker, a meter and twelve bills.", Decimal("148.5"), days.at(342, 9), None,
        ),
        Older(
            "film", "old-company-film", "Fernhill Heat, the film",
            "Who we are.", Decimal("61.2"), days.at(402, 9), days.at(62, 14),
        ),
    )  # fmt: skip
