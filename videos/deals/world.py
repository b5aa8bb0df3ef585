"""What a report is made of, as plain values: nothing here knows a database.

Everything is named by its public id. Times are aware; durations and seconds are `Decimal`
seconds; a currency is its ISO 4217 code. What is unknown is None.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Video:
    """One video; `duration` in seconds, unknown for some."""

    id: str
    title: str
    duration: Decimal | None = None


@dataclass(frozen=True, slots=True)
class View:
    """One view.

    `contact` is whom an import names, or else whose share link the view came through. `excluded`
    says that it is flagged as staff's, internal or a bot's; `viewer_was_staff` that its viewer
    ever signed in as staff, and so never takes an identity.
    """

    id: str
    video: str
    started_at: dt.datetime
    seconds: Decimal | None
    viewer: str | None = None
    contact: str | None = None
    imported: bool = False
    excluded: bool = False
    viewer_was_staff: bool = False
    share_link: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """A person, or a doublet of one that was merged into another."""

    id: str
    created_at: dt.datetime | None = None
    merged_into: str | None = None


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal as it stands today; `status` is open, won or lost."""

    id: str
    status: str
    created_at: dt.datetime
    closed_at: dt.datetime | None = None
    amount: Decimal | None = None
    currency: str = ""
    contacts: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class World:
    """Everything that a report may look at. `rates` by from, to and day."""

    videos: Sequence[Video] = ()
    views: Sequence[View] = ()
    contacts: Sequence[Contact] = ()
    deals: Sequence[Deal] = ()
    rates: Mapping[tuple[str, str, dt.date], Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a report is asked: as of when, with which model, window, period and money.

    `zone` is the studio's time zone, `min_seconds` what a view needs to count. Days are whole,
    None where there is no limit.
    """

    as_of: dt.datetime
    model: str = "linear"
    currency: str = "EUR"
    lookback_days: int | None = None
    landmark_days: int = 14
    from_day: dt.date | None = None
    to_day: dt.date | None = None
    zone: dt.tzinfo = dt.UTC
    min_seconds: int = 3
