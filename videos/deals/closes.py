"""The rules of closing and reopening deals, as pure functions on `CloseState`."""

import datetime as dt
from dataclasses import dataclass, replace

OPEN = "open"


@dataclass(frozen=True, slots=True)
class CloseState:
    """A deal's status and its closes; fields are named as on the deal.

    `status` is open, won or lost. `close_recorded_at` is when this studio recorded the current
    close, `first_close_recorded_at` when it recorded the first one ever, which no reopening clears.
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
        """The cutoff: what this studio recorded later was not known before the current close.

        It is when the first close was recorded, for from then on the studio knew that the deal had
        closed; or the instant of the current close if that is later, for what was added while the
        deal was open again came before it. So reopening a deal never makes anything count as known
        earlier. None for an open deal, and where it is unknown.
        """
        own, first = self.close_recorded_at, self.first_close_recorded_at
        if own is None or self.closed_at is None:
            return own
        return max(self.closed_at, min(own, first or own))

    def closes_after(self, at: dt.datetime) -> bool:
        """Whether it is marked won or lost as of an instant later than `at`."""
        return self.closed_at is not None and self.closed_at > at


FIELDS = tuple(CloseState.__dataclass_fields__)


def closed(before: CloseState, status: str, closed_at: dt.datetime, at: dt.datetime) -> CloseState:
    """Returns the state after an open deal closes, recorded at `at`."""
    return replace(
        before,
        status=status,
        closed_at=closed_at,
        close_recorded_at=at,
        times_closed=before.times_closed + 1,
        first_close_recorded_at=before.first_close_recorded_at or at,
    )


def reopened(before: CloseState) -> CloseState:
    """Returns the state after a closed deal is reopened; its close becomes the earlier one."""
    return CloseState(
        times_closed=max(before.times_closed, 1),
        earlier_closed_at=before.closed_at,
        first_close_recorded_at=before.first_close_recorded_at or before.close_recorded_at,
    )


def without_future_close(before: CloseState) -> CloseState:
    """Returns the open state of a deal whose close lies in the future, without that close."""
    closed_before = before.times_closed > 1
    return CloseState(
        times_closed=max(before.times_closed - 1, 0),
        earlier_closed_at=before.earlier_closed_at,
        first_close_recorded_at=before.first_close_recorded_at if closed_before else None,
    )


def after_import(
    before: CloseState, status: str, closed_at: dt.datetime | None, at: dt.datetime
) -> CloseState:
    """Returns the state after an import at `at` that reports a status and a close.

    A close that moves to a later instant counts as another close, because views between the two
    become touches. One that moves to an earlier instant, or changes between won and lost, is a
    correction of the same close. A close that was still in the future is replaced.
    """
    if (status, closed_at) != (before.status, before.closed_at) and before.closes_after(at):
        before = without_future_close(before)
    if closed_at is None or status == OPEN:
        return reopened(before) if before.is_closed else before
    if before.closed_at is None:
        return closed(before, status, closed_at, at)
    if closed_at > before.closed_at:
        return closed(reopened(before), status, closed_at, at)
    return replace(before, status=status, closed_at=closed_at)
