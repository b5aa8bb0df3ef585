"""The touches of deals: counted views by their contacts, before they closed."""

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from videos.deals.identity import Person, counts, owners, persons
from videos.deals.world import Deal, Terms, View, World

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Touch:
    """A counted view, and the contact whose it is, on one deal."""

    view: View
    contact: str

    @property
    def order(self) -> tuple[dt.datetime, str]:
        """Touches are ordered by start, then by view id."""
        return self.view.started_at, self.view.id


@dataclass(frozen=True, slots=True)
class Followed:
    """A deal as of the report's instant, with its touches in order.

    `closed_at` is None while it is open; `known_at` the earliest known creation of one of its
    contacts.
    """

    deal: Deal
    closed_at: dt.datetime | None
    known_at: dt.datetime | None
    touches: Sequence[Touch]

    @property
    def is_won(self) -> bool:
        return self.closed_at is not None and self.deal.status == "won"


def span(days: int) -> dt.timedelta:
    """So many times 24 hours, or the longest span there is."""
    return min(days, dt.timedelta.max.days) * DAY


def closed_as_of(deal: Deal, as_of: dt.datetime) -> dt.datetime | None:
    """When the deal closed, or None if it was still open at `as_of`."""
    if deal.status == "open" or deal.closed_at is None or deal.closed_at > as_of:
        return None
    return deal.closed_at


def counted_touches(world: World, as_of: dt.datetime, min_seconds: int) -> dict[str, list[Touch]]:
    """By person, in order: every counted view that is theirs and had started by `as_of`."""
    views = [view for view in world.views if view.started_at <= as_of]
    durations = {video.id: video.duration for video in world.videos}
    counted = {view.id: counts(view, durations[view.video], min_seconds) for view in views}
    owner = owners(views, counted, persons(world.contacts))
    by_person: dict[str, list[Touch]] = defaultdict(list)
    for view in views:
        if counted[view.id] and view.id in owner:
            by_person[owner[view.id]].append(Touch(view, owner[view.id]))
    for touches in by_person.values():
        touches.sort(key=lambda touch: touch.order)
    return by_person


def known_since(world: World, person: Person) -> dict[str, dt.datetime]:
    """By person, the earliest known creation of them or of a doublet merged into them."""
    since: dict[str, dt.datetime] = {}
    for contact in world.contacts:
        if contact.created_at is not None:
            key = person(contact.id)
            since[key] = min(contact.created_at, since.get(key, contact.created_at))
    return since


def touches_before(
    end: dt.datetime, lookback_days: int | None, views_of: Iterable[Sequence[Touch]]
) -> list[Touch]:
    """The touches that started strictly before `end` and within the look-back, in order."""
    found: list[Touch] = []
    for touches in views_of:
        before = bisect_left(touches, end, key=lambda touch: touch.view.started_at)
        found += [
            touch
            for touch in touches[:before]
            if lookback_days is None or end - touch.view.started_at <= span(lookback_days)
        ]
    return sorted(found, key=lambda touch: touch.order)


def follow(world: World, terms: Terms) -> list[Followed]:
    """Every deal that existed at `terms.as_of`, by id, with its touches."""
    by_person = counted_touches(world, terms.as_of, terms.min_seconds)
    person = persons(world.contacts)
    since = known_since(world, person)
    return [
        followed(deal, terms, {person(contact) for contact in deal.contacts}, by_person, since)
        for deal in sorted(world.deals, key=lambda deal: deal.id)
        if deal.created_at <= terms.as_of
    ]


def followed(
    deal: Deal,
    terms: Terms,
    people: set[str],
    by_person: Mapping[str, Sequence[Touch]],
    since: Mapping[str, dt.datetime],
) -> Followed:
    """One deal with the touches of its `people`."""
    closed_at = closed_as_of(deal, terms.as_of)
    views_of = [by_person[one] for one in people if one in by_person]
    return Followed(
        deal=deal,
        closed_at=closed_at,
        known_at=min((since[one] for one in people if one in since), default=None),
        touches=touches_before(closed_at or terms.as_of, terms.lookback_days, views_of),
    )
