"""The touches of deals: counted views by their contacts, known before the deals closed."""

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from videos.deals.identity import (
    Identification,
    Person,
    identifications,
    known_before,
    known_contact,
    persons,
    shared_out,
)
from videos.deals.world import Deal, Terms, View, World

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Touch:
    """A counted view, and the contact whose it is, on one deal.

    `through` is the identification that says so where the view itself names nobody. `is_late` says
    that the touch hangs on something known after the close: a contact who was added to the deal,
    or a merge of contacts. `is_early` says that the view started before somebody entered the deal
    here by hand.
    """

    view: View
    contact: str
    through: Identification | None = None
    is_late: bool = False
    is_early: bool = False

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

    @property
    def changed_late(self) -> bool:
        """Whether what decides its numbers changed after its close was recorded."""
        return self.closed_at is not None and self.deal.changed_late

    @property
    def late(self) -> list[Touch]:
        """The touches that hang on something known after the close."""
        return [touch for touch in self.touches if touch.is_late]


@dataclass(frozen=True, slots=True)
class Watched:
    """The views of a world as known at an instant, so that a deal looks at its contacts' alone.

    Views are in order of their start. `named` holds the counted ones that name a contact
    themselves, by person and contact; `anonymous` the counted others, by viewer; `viewers` those
    who were ever identified as a person.
    """

    named: Mapping[str, Mapping[str, Sequence[View]]]
    anonymous: Mapping[str, Sequence[View]]
    identified: Mapping[str, Sequence[Identification]]
    viewers: Mapping[str, set[str]]


class Part(NamedTuple):
    """Views that are one contact's, in order of their start, and the identification that says so
    where they name nobody themselves.
    """

    contact: str
    through: Identification | None
    views: Sequence[View]


def span(days: int) -> dt.timedelta:
    """So many times 24 hours, or the longest span there is."""
    return min(days, dt.timedelta.max.days) * DAY


def closed_as_of(deal: Deal, as_of: dt.datetime) -> dt.datetime | None:
    """When the deal closed, or None if it was still open at `as_of`."""
    if deal.status == "open" or deal.closed_at is None or deal.closed_at > as_of:
        return None
    return deal.closed_at


def watched_by(views: Sequence[View], as_of: dt.datetime, person: Person) -> Watched:
    """The views, put in order, with what was known of their viewers at `as_of`.

    Views that counted later are among them: no deal's end is after `as_of`.
    """
    named: dict[str, dict[str, list[View]]] = defaultdict(lambda: defaultdict(list))
    anonymous: dict[str, list[View]] = defaultdict(list)
    viewers: dict[str, set[str]] = defaultdict(set)
    for view in sorted(views, key=lambda view: (view.started_at, view.id)):
        if not view.is_counted:
            continue
        contact = known_contact(view)
        if contact is not None:
            named[person(contact)][contact].append(view)
        elif view.viewer is not None and (view.identified_at or as_of) <= as_of:
            anonymous[view.viewer].append(view)
    identified = identifications(views, as_of)
    for viewer, known in identified.items():
        for one in known:
            viewers[person(one.contact)].add(viewer)
    return Watched(named, anonymous, identified, viewers)


def known_since(world: World, person: Person) -> dict[str, dt.datetime]:
    """By person, the earliest known creation of them or of a doublet merged into them."""
    since: dict[str, dt.datetime] = {}
    for contact in world.contacts:
        if contact.created_at is not None:
            key = person(contact.id)
            since[key] = min(contact.created_at, since.get(key, contact.created_at))
    return since


def follow(world: World, terms: Terms) -> list[Followed]:
    """Every deal that existed at `terms.as_of`, by id, with its touches."""
    person = persons(world.contacts)
    watched = watched_by(world.views, terms.as_of, person)
    since = known_since(world, person)
    return [
        followed(deal, terms, watched, person, since)
        for deal in sorted(world.deals, key=lambda deal: deal.id)
        if deal.created_at <= terms.as_of
    ]


def followed(
    deal: Deal,
    terms: Terms,
    watched: Watched,
    person: Person,
    since: Mapping[str, dt.datetime],
) -> Followed:
    """One deal with its touches."""
    closed_at = closed_as_of(deal, terms.as_of)
    people = {person(contact) for contact in deal.contacts}
    then = people_at_the_close(deal, person) if closed_at else None
    touches: list[Touch] = []
    for contact, through, views in parts_of(people, closed_at, watched, person):
        one = person(contact)
        is_late = then is not None and person(contact, by=deal.known_by) not in then
        touches += [
            Touch(view, one, through, is_late, is_early(view, deal))
            for view in views_before(views, closed_at or terms.as_of, terms.lookback_days)
        ]
    return Followed(
        deal=deal,
        closed_at=closed_at,
        known_at=min((since[one] for one in people if one in since), default=None),
        touches=sorted(touches, key=lambda touch: touch.order),
    )


def is_early(view: View, deal: Deal) -> bool:
    """Whether a view started before its deal was entered here by hand."""
    return deal.entered_at is not None and view.started_at < deal.entered_at


def people_at_the_close(deal: Deal, person: Person) -> set[str] | None:
    """Who took part as far as the studio knew before the close; None if unknown."""
    by = deal.known_by
    if by is None:
        return None
    return {
        person(contact, by=by) for contact in deal.contacts if deal.added_at.get(contact, by) <= by
    }


def parts_of(
    people: set[str], closed_at: dt.datetime | None, watched: Watched, person: Person
) -> Iterator[Part]:
    """The views of a deal's people, by the contact as named before any merge.

    For a closed deal, an identification or a viewer's yes that came later does not exist.
    """
    for one in people:
        for contact, views in watched.named.get(one, {}).items():
            yield Part(contact, None, views)
    for viewer in {viewer for one in people for viewer in watched.viewers.get(one, ())}:
        known = known_before(closed_at, watched.identified[viewer])
        for through, views in shared_out(watched.anonymous.get(viewer, ()), known):
            if person(through.contact) in people:
                yield Part(through.contact, through, attached_before(views, closed_at))


def attached_before(views: Sequence[View], close: dt.datetime | None) -> Sequence[View]:
    """Those whose viewer was known before a close; all for an open deal."""
    if close is None:
        return views
    return [view for view in views if view.identified_at is None or view.identified_at < close]


def views_before(
    views: Sequence[View], end: dt.datetime, lookback_days: int | None
) -> Iterator[View]:
    """Those that began and counted strictly before `end`, and began within the look-back."""
    for view in views[: bisect_left(views, end, key=lambda view: view.started_at)]:
        counted = view.counted_at is not None and view.counted_at < end
        if counted and (lookback_days is None or end - view.started_at <= span(lookback_days)):
            yield view
