"""The demo's world as plain values: who there is, what happened, and when.

Nothing in it lies after the beginning of today but shoots and planned days.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from studio.people.roles import Role


@dataclass(frozen=True)
class Person:
    """A colleague; experts have topics."""

    key: str
    first_name: str
    last_name: str
    role: Role
    topics: str = ""

    @property
    def email(self) -> str:
        return f"{self.key}@fernhill.example"


@dataclass(frozen=True)
class Asked:
    """A buyer's question; `video` is the key of the one that answers it, or empty."""

    text: str
    heard_by: str
    heard_at: str
    heard_on: dt.date
    video: str


@dataclass(frozen=True)
class Booked:
    """A shoot of one video; `booked_at` is when it was booked."""

    booked_at: dt.datetime
    starts_at: dt.datetime
    minutes: int
    resources: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class Spent:
    """An invoice, in minor units."""

    at: dt.datetime
    kind: str
    minor: int
    supplier: str
    invoice: str


@dataclass(frozen=True)
class Money:
    """What a video was expected to cost by kind of cost, and what came of it, in minor units."""

    asked_at: dt.datetime
    asks: dict[str, int]
    period: str
    greenlit_at: dt.datetime | None
    spent: tuple[Spent, ...]


@dataclass(frozen=True)
class Production:
    """A video of the studio's own and its way so far. What has not happened is None."""

    key: str
    title: str
    summary: str
    experts: tuple[str, ...]
    created_at: dt.datetime
    planned_at: dt.datetime | None = None
    planned_for: dt.date | None = None
    money: Money | None = None
    shoot: Booked | None = None
    shot_at: dt.datetime | None = None
    editing_at: dt.datetime | None = None
    cut_at: dt.datetime | None = None
    approved_at: dt.datetime | None = None
    published_at: dt.datetime | None = None
    cancelled_at: dt.datetime | None = None
    cancelled_because: str = ""

    @property
    def times(self) -> list[dt.datetime]:
        """When its moves happened, in the order of the stages."""
        every = [
            self.created_at,
            self.planned_at,
            self.money and self.money.asked_at,
            self.money and self.money.greenlit_at,
            self.shoot and self.shoot.booked_at,
            self.shot_at,
            self.editing_at,
            self.cut_at,
            self.approved_at,
            self.published_at,
            self.cancelled_at,
        ]
        return [time for time in every if time]


@dataclass(frozen=True)
class Older:
    """A video from before the studio, known by its views alone."""

    key: str
    public_id: str
    title: str
    summary: str
    seconds: Decimal
    published_at: dt.datetime
    retired_at: dt.datetime | None


@dataclass(frozen=True)
class Quarter:
    """A period of the budget."""

    code: str
    name: str
    starts_on: dt.date
    ends_on: dt.date
    closed_at: dt.datetime | None


@dataclass(frozen=True)
class Company:
    """A buyer's company."""

    id: str
    name: str
    domain: str


@dataclass(frozen=True)
class Contact:
    """Somebody at a buyer's."""

    id: str
    name: str
    email: str
    company: str
    created_at: dt.datetime


@dataclass(frozen=True)
class Deal:
    """A sale: `contacts` are (contact, role) pairs, `owner` a person's key."""

    id: str
    name: str
    company: str
    owner: str
    status: str
    stage: str
    amount: Decimal | None
    currency: str
    created_at: dt.datetime
    closed_at: dt.datetime | None
    contacts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Rate:
    """On a day, one of `currency` in euros."""

    day: dt.date
    currency: str
    rate: Decimal


@dataclass(frozen=True)
class Link:
    """A share link: `rep` sent `video` to `contact`."""

    token: str
    video: str
    contact: str
    rep: str
    created_at: dt.datetime


@dataclass(frozen=True)
class View:
    """One playing session. `link` is the token of the share link it came through, or empty."""

    id: str
    video: str
    started_at: dt.datetime
    seconds: Decimal
    viewer: str = ""
    contact: str = ""
    link: str = ""
    imported: bool = False
    is_bot: bool = False
    is_internal: bool = False
    is_staff: bool = False


@dataclass(frozen=True)
class World:
    """Everything there is."""

    today: dt.date
    people: tuple[Person, ...]
    resources: tuple[tuple[str, str], ...]
    questions: tuple[Asked, ...]
    productions: tuple[Production, ...]
    older: tuple[Older, ...]
    quarters: tuple[Quarter, ...]
    companies: tuple[Company, ...]
    contacts: tuple[Contact, ...]
    deals: tuple[Deal, ...]
    rates: tuple[Rate, ...]
    links: tuple[Link, ...]
    views: tuple[View, ...]


@dataclass(frozen=True)
class Days:
    """Counts days back from today, in the studio's time zone."""

    today: dt.date
    zone: ZoneInfo

    def ago(self, days: int) -> dt.date:
        """A working day so many days ago (ahead, when negative); weekends become Fridays."""
        day = self.today - dt.timedelta(days=days)
        return day - dt.timedelta(days=max(0, day.weekday() - 4))

    def at(self, days: int, hour: int, minute: int = 0) -> dt.datetime:
        """A moment of such a day."""
        return self.moment(self.ago(days), dt.time(hour, minute))

    def moment(self, day: dt.date, time: dt.time) -> dt.datetime:
        """A moment of a day, in UTC, so that lengths can be added to it."""
        return dt.datetime.combine(day, time, self.zone).astimezone(dt.UTC)

    @property
    def end(self) -> dt.datetime:
        """The beginning of today: what is known ends here."""
        return self.moment(self.today, dt.time())
