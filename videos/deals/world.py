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
    says that it is flagged as staff's, internal or a bot's. `counted_at` is when it had been
    watched long enough, by the server's clock (an imported view's start); None if it never was.
    `identified_at` is when a yes attached the viewer; None if the viewer was known from the start.
    """

    id: str
    video: str
    started_at: dt.datetime
    seconds: Decimal | None
    viewer: str | None = None
    contact: str | None = None
    imported: bool = False
    excluded: bool = False
    counted_at: dt.datetime | None = None
    identified_at: dt.datetime | None = None
    share_link: str | None = None

    @property
    def is_counted(self) -> bool:
        """Whether enough was watched, by somebody who is no colleague and no bot."""
        return self.counted_at is not None and not self.excluded


@dataclass(frozen=True, slots=True)
class Contact:
    """A person, or a doublet of one that was merged into another.

    `merged_at` is when this studio learned of the merge; None if that was not kept.
    """

    id: str
    created_at: dt.datetime | None = None
    merged_into: str | None = None
    merged_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal as it stands today; `status` is open, won or lost.

    `known_by` is the last instant at which what this studio learned was known before the present
    close (`closes.Standing.known_by`), and `added_at` when it first recorded that a contact takes
    part, by contact. Both are unknown for what was there before they were kept.
    `entered_at` is when a deal was entered by hand; None for imported ones, and where it is
    unknown. `changed_late` says that what decides a number (amount, currency, owner, creation)
    changed after the close was first recorded.
    """

    id: str
    status: str
    created_at: dt.datetime
    closed_at: dt.datetime | None = None
    amount: Decimal | None = None
    currency: str = ""
    contacts: Sequence[str] = ()
    known_by: dt.datetime | None = None
    added_at: Mapping[str, dt.datetime] = field(default_factory=dict)
    entered_at: dt.datetime | None = None
    changed_late: bool = False


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

    `zone` is the studio's time zone. Days are whole, None where there is no limit. With
    `skip_missing_rates`, won deals that cannot be converted are listed; without it they are an
    error.
    """

    as_of: dt.datetime
    model: str = "linear"
    currency: str = "EUR"
    lookback_days: int | None = None
    landmark_days: int = 14
    from_day: dt.date | None = None
    to_day: dt.date | None = None
    zone: dt.tzinfo = dt.UTC
    skip_missing_rates: bool = False
