"""What is kept of a deal's closes: the present one, how many there were, and the one before."""

import datetime as dt
from dataclasses import dataclass, replace

OPEN = "open"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a deal stands. The fields are those of the deal; `status` is open, won or lost.

    `close_recorded_at` is when this studio recorded the present close, and
    `first_close_recorded_at` when it recorded the first of all: that outlasts every reopening.
    """

    status: str = OPEN
    closed_at: dt.datetime | None = None
    close_recorded_at: dt.datetime | None = None
    times_closed: int = 0
    earlier_closed_at: dt.datetime | None = None
    first_close_recorded_at: dt.datetime | None = None

    @property
    def is_closed(self) -> bool:
        return self.status != OPEN

    @property
    def known_by(self) -> dt.datetime | None:
        """The last instant at which what this studio learned was known before the present close.

        None for an open deal, and where it is unknown. A first close: when it was recorded. Any
        later one: when the first was recorded, for from then on the studio knew that the deal had
        closed. Or the instant of the close, if that is later, for what was added while the deal
        was open again, or was to close later, came before it. So no reopening makes anything known
        earlier.
        """
        own, first = self.close_recorded_at, self.first_close_recorded_at
        if own is None or self.closed_at is None:
            return own
        return max(self.closed_at, min(own, first or own))

    def closes_after(self, at: dt.datetime) -> bool:
        """Whether it is marked won or lost as of an instant that is still to come at `at`."""
        return self.closed_at is not None and self.closed_at > at


FIELDS = tuple(Standing.__dataclass_fields__)


def closed(was: Standing, status: str, closed_at: dt.datetime, at: dt.datetime) -> Standing:
    """An open deal closes; the studio records it at `at`."""
    return replace(
        was,
        status=status,
        closed_at=closed_at,
        close_recorded_at=at,
        times_closed=was.times_closed + 1,
        first_close_recorded_at=was.first_close_recorded_at or at,
    )


def reopened(was: Standing) -> Standing:
    """A closed deal opens; its close becomes the earlier one."""
    return Standing(
        times_closed=max(was.times_closed, 1),
        earlier_closed_at=was.closed_at,
        first_close_recorded_at=was.first_close_recorded_at or was.close_recorded_at,
    )


def unclosed(was: Standing) -> Standing:
    """An open deal again, of one whose close had not come: nothing is kept of that close."""
    closed_before = was.times_closed > 1
    return Standing(
        times_closed=max(was.times_closed - 1, 0),
        earlier_closed_at=was.earlier_closed_at,
        first_close_recorded_at=was.first_close_recorded_at if closed_before else None,
    )


def mirrored(
    was: Standing, status: str, closed_at: dt.datetime | None, at: dt.datetime
) -> Standing:
    """What an import at `at` makes of a deal, told how it stands in the CRM.

    A close that moves to a later instant is another close, for views between the two become
    touches. One that moves to an earlier instant, or changes between won and lost, is the same
    close, put right. A close that had not come yet was none: another one takes its place.
    """
    if (status, closed_at) != (was.status, was.closed_at) and was.closes_after(at):
        was = unclosed(was)
    if closed_at is None or status == OPEN:
        return reopened(was) if was.is_closed else was
    if was.closed_at is None:
        return closed(was, status, closed_at, at)
    if closed_at > was.closed_at:
        return closed(reopened(was), status, closed_at, at)
    return replace(was, status=status, closed_at=closed_at)
