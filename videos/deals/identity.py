"""Which views count, and whose they are."""

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal

from videos.audience.counting import is_long_enough
from videos.deals.world import Contact, View

Person = Callable[[str], str]


def counts(view: View, duration: Decimal | None, min_seconds: int) -> bool:
    """Whether enough of the video was watched, by somebody who is no colleague and no bot."""
    return not view.excluded and is_long_enough(view.seconds, duration, min_seconds)


def persons(contacts: Iterable[Contact]) -> Person:
    """A function from a contact to the one it was merged into, however many merges later.

    Contacts merged in a circle are all the one that sorts first among them.
    """
    into = {contact.id: contact.merged_into for contact in contacts if contact.merged_into}

    def person(contact: str) -> str:
        path = [contact]
        while (following := into.get(path[-1])) is not None:
            if following in path:
                return min(path[path.index(following) :])
            path.append(following)
        return path[-1]

    return person


def known_contact(view: View, counted: bool) -> str | None:
    """The contact that a view itself makes known, before any merge.

    An import's word stands whether the view counts or not. A share link tells who watched only
    when the view counts, for mail scanners open links too, and never of a colleague's browser.
    """
    if view.imported:
        return view.contact
    return view.contact if counted and not view.viewer_was_staff else None


Identification = tuple[dt.datetime, str, str]  # start, view id, contact


def identifications(
    views: Iterable[View], known: Mapping[str, str]
) -> dict[str, list[Identification]]:
    """By viewer, in order: when a view made them known, which view, and as whom."""
    found: dict[str, list[Identification]] = defaultdict(list)
    for view in views:
        if view.viewer is not None and view.id in known and not view.viewer_was_staff:
            found[view.viewer].append((view.started_at, view.id, known[view.id]))
    for of_viewer in found.values():
        of_viewer.sort()
    return found


def contact_at(start: dt.datetime, of_viewer: Sequence[Identification]) -> str | None:
    """Whose an anonymous view is: the first identification at or after its start, else the last.

    `of_viewer` is in order; empty means that nobody is known.
    """
    if not of_viewer:
        return None
    following = bisect_left(of_viewer, start, key=lambda found: found[0])
    return of_viewer[min(following, len(of_viewer) - 1)][2]


def owners(views: Sequence[View], counted: Mapping[str, bool], person: Person) -> dict[str, str]:
    """By view id, the contact that the view belongs to; views of nobody known are left out."""
    known = {
        view.id: person(contact)
        for view in views
        if (contact := known_contact(view, counted[view.id])) is not None
    }
    by_viewer = identifications(views, known)
    found = dict(known)
    for view in views:
        if view.id not in known and view.viewer is not None and view.viewer in by_viewer:
            contact = contact_at(view.started_at, by_viewer[view.viewer])
            if contact is not None:
                found[view.id] = contact
    return found
