"""Finds the touches of deals: counted views by their contacts, known before the deals closed."""

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from videos.deals.attribution.identity import (
    Identification,
    MergeResolver,
    assign_views,
    identifications,
    identifications_before,
    known_contact,
    merge_resolver,
)
from videos.deals.attribution.input import AttributionInput, Deal, ReportParams, View

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Touch:
    """A counted view by one of a deal's contacts.

    `through` is the identification that assigns the view to the contact, if the view itself names
    nobody. `is_late`: the touch depends on something known only after the close (a contact added to
    the deal, or a merge of contacts). `is_early`: the view started before somebody entered the deal
    by hand.
    """

    view: View
    contact: str
    through: Identification | None
    is_late: bool
    is_early: bool

    @property
    def order(self) -> tuple[dt.datetime, str]:
        """Sort key: start, then view id."""
        return self.view.started_at, self.view.id


@dataclass(frozen=True, slots=True)
class DealTouches:
    """A deal as of the report's instant, with its touches in order.

    `closed_at` is None while it is open; `known_at` is the earliest known creation date among its
    contacts.
    """

    deal: Deal
    closed_at: dt.datetime | None
    known_at: dt.datetime | None
    touches: Sequence[Touch]

    @property
    def is_won(self) -> bool:
        return self.closed_at is not None and self.deal.status == "won"

    @property
    def changed_after_close(self) -> bool:
        """Whether amount, currency, owner or creation date changed after the close was recorded."""
        return self.closed_at is not None and self.deal.changed_after_close

    @property
    def late(self) -> list[Touch]:
        """The touches that depend on something known only after the close."""
        return [touch for touch in self.touches if touch.is_late]


@dataclass(frozen=True, slots=True)
class ViewIndex:
    """Counted views as known at an instant, indexed so that each deal reads only its contacts'.

    Views are ordered by start. `named` are those that name a contact, by merged contact and contact
    as named; `anonymous` are the others, by viewer; `identified` are the identifications of each
    viewer; `viewers` are the viewers ever identified as each merged contact.
    """

    named: Mapping[str, Mapping[str, Sequence[View]]]
    anonymous: Mapping[str, Sequence[View]]
    identified: Mapping[str, Sequence[Identification]]
    viewers: Mapping[str, set[str]]


class ContactViews(NamedTuple):
    """Views of one contact, ordered by start.

    `through` is the identification that assigns them to the contact, if they name nobody.
    """

    contact: str
    through: Identification | None
    views: Sequence[View]


def days_delta(days: int) -> dt.timedelta:
    """Returns `days` × 24 hours, capped at the longest timedelta."""
    return min(days, dt.timedelta.max.days) * DAY


def closed_as_of(deal: Deal, as_of: dt.datetime) -> dt.datetime | None:
    """Returns when the deal closed; None if it was still open at `as_of`."""
    if deal.status == "open" or deal.closed_at is None or deal.closed_at > as_of:
        return None
    return deal.closed_at


def index_views(views: Sequence[View], as_of: dt.datetime, resolve: MergeResolver) -> ViewIndex:
    """Indexes views with what was known of their viewers at `as_of`.

    Views that counted after `as_of` may stay in: no deal ends later than that.
    """
    named: dict[str, dict[str, list[View]]] = defaultdict(lambda: defaultdict(list))
    anonymous: dict[str, list[View]] = defaultdict(list)
    viewers: dict[str, set[str]] = defaultdict(set)
    for view in sorted(views, key=lambda view: (view.started_at, view.id)):
        if not view.is_counted:
            continue
        contact = known_contact(view)
        if contact is not None:
            named[resolve(contact)][contact].append(view)
        elif view.viewer is not None and (view.identified_at or as_of) <= as_of:
            anonymous[view.viewer].append(view)
    identified = identifications(views, as_of)
    for viewer, known in identified.items():
        for one in known:
            viewers[resolve(one.contact)].add(viewer)
    return ViewIndex(named, anonymous, identified, viewers)


def earliest_creation(data: AttributionInput, resolve: MergeResolver) -> dict[str, dt.datetime]:
    """Returns the earliest known creation of each merged contact and those merged into it."""
    since: dict[str, dt.datetime] = {}
    for contact in data.contacts:
        if contact.created_at is not None:
            key = resolve(contact.id)
            since[key] = min(contact.created_at, since.get(key, contact.created_at))
    return since


def touches_by_deal(data: AttributionInput, params: ReportParams) -> list[DealTouches]:
    """Returns every deal that existed at `params.as_of`, ordered by id, with its touches."""
    resolve = merge_resolver(data.contacts)
    index = index_views(data.views, params.as_of, resolve)
    since = earliest_creation(data, resolve)
    return [
        deal_touches(deal, params, index, resolve, since)
        for deal in sorted(data.deals, key=lambda deal: deal.id)
        if deal.created_at <= params.as_of
    ]


def deal_touches(
    deal: Deal,
    params: ReportParams,
    index: ViewIndex,
    resolve: MergeResolver,
    since: Mapping[str, dt.datetime],
) -> DealTouches:
    """Finds the touches of one deal."""
    closed_at = closed_as_of(deal, params.as_of)
    people = {resolve(contact) for contact in deal.contacts}
    then = people_at_the_close(deal, resolve) if closed_at else None
    touches: list[Touch] = []
    for contact, through, views in views_of_people(people, closed_at, index, resolve):
        one = resolve(contact)
        is_late = then is not None and resolve(contact, by=deal.known_by) not in then
        touches += [
            Touch(view, one, through, is_late, is_early(view, deal))
            for view in views_before(views, closed_at or params.as_of, params.lookback_days)
        ]
    return DealTouches(
        deal=deal,
        closed_at=closed_at,
        known_at=min((since[one] for one in people if one in since), default=None),
        touches=sorted(touches, key=lambda touch: touch.order),
    )


def is_early(view: View, deal: Deal) -> bool:
    """Whether a view started before its deal was entered by hand."""
    return deal.entered_at is not None and view.started_at < deal.entered_at


def people_at_the_close(deal: Deal, resolve: MergeResolver) -> set[str] | None:
    """Returns the merged contacts known to take part before the close; None if unknown."""
    by = deal.known_by
    if by is None:
        return None
    return {
        resolve(contact, by=by) for contact in deal.contacts if deal.added_at.get(contact, by) <= by
    }


def views_of_people(
    people: set[str], closed_at: dt.datetime | None, index: ViewIndex, resolve: MergeResolver
) -> Iterator[ContactViews]:
    """Yields the views of a deal's contacts, by the contact as named before any merge.

    For a closed deal, identifications and consent that came after the close are ignored.
    """
    for one in people:
        for contact, views in index.named.get(one, {}).items():
            yield ContactViews(contact, None, views)
    for viewer in {viewer for one in people for viewer in index.viewers.get(one, ())}:
        known = identifications_before(closed_at, index.identified[viewer])
        for through, views in assign_views(index.anonymous.get(viewer, ()), known):
            if resolve(through.contact) in people:
                yield ContactViews(through.contact, through, attached_before(views, closed_at))


def attached_before(views: Sequence[View], close: dt.datetime | None) -> Sequence[View]:
    """Returns the views whose viewer was known before the close; all for an open deal."""
    if close is None:
        return views
    return [view for view in views if view.identified_at is None or view.identified_at < close]


def views_before(
    views: Sequence[View], end: dt.datetime, lookback_days: int | None
) -> Iterator[View]:
    """Yields views that started and counted strictly before `end` and started in the look-back."""
    for view in views[: bisect_left(views, end, key=lambda view: view.started_at)]:
        counted = view.counted_at is not None and view.counted_at < end
        if counted and (
            lookback_days is None or end - view.started_at <= days_delta(lookback_days)
        ):
            yield view
