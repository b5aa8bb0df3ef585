"""The input of attribution as plain values, without the database.

Everything is identified by its public id. Times are aware; durations and seconds are `Decimal`
seconds; a currency is its ISO 4217 code. What is unknown is None.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from studio.rates.conversion import Rates
from videos.deals.attribution.credit import DEFAULT_MODEL


@dataclass(frozen=True, slots=True)
class Video:
    """A video; `duration` in seconds."""

    id: str
    title: str
    duration: Decimal | None = None


@dataclass(frozen=True, slots=True)
class View:
    """One view.

    `contact` is the contact that an import names, or else the share link's. `excluded` is true for
    views of staff, internal views and bots. `counted_at` is the server's time at which enough had
    been watched (an imported view's start); None if that never happened. `identified_at` is when
    the visitor's consent attached the viewer; None if the viewer was known from the start.
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
        """Whether enough was watched, and not by staff, a colleague or a bot."""
        return self.counted_at is not None and not self.excluded


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact, possibly merged into another one.

    `merged_at` is when this studio recorded the merge; None if that is unknown.
    """

    id: str
    created_at: dt.datetime | None = None
    merged_into: str | None = None
    merged_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal as it stands today; `status` is open, won or lost.

    `known_by` is the cutoff of `CloseState.known_by`: what this studio recorded later was not known
    before the close. `added_at` maps each contact to when this studio first recorded that they take
    part. Both are missing for rows from before they were stored. `entered_at` is when the deal was
    entered by hand; None for imported deals, and where it is unknown. `changed_after_close`:
    whether amount, currency, owner or creation date changed after the close was first recorded.
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
    changed_after_close: bool = False


@dataclass(frozen=True, slots=True)
class AttributionInput:
    """Everything that a report is computed from."""

    videos: Sequence[Video] = ()
    views: Sequence[View] = ()
    contacts: Sequence[Contact] = ()
    deals: Sequence[Deal] = ()
    rates: Rates = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReportParams:
    """The parameters of a report: its instant, model, look-back, period and currency.

    `zone` is the studio's time zone. Days are whole numbers; None means no limit. With
    `skip_missing_rates`, won deals that cannot be converted are listed; without it they raise an
    error.
    """

    as_of: dt.datetime
    model: str = DEFAULT_MODEL
    currency: str = "EUR"
    lookback_days: int | None = None
    landmark_days: int = 14
    from_day: dt.date | None = None
    to_day: dt.date | None = None
    zone: dt.tzinfo = dt.UTC
    skip_missing_rates: bool = False
