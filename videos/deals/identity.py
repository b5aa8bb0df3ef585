"""Whose a view is, and since when this studio knew it."""

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from videos.deals.world import Contact, View


class Person(Protocol):
    """From a contact to the one it was merged into, today or as known by an instant."""

    def __call__(self, contact: str, by: dt.datetime | None = None) -> str: ...


def persons(contacts: Iterable[Contact]) -> Person:
    """A function from a contact to the one it was merged into, however many merges later.

    Contacts merged in a circle are all the one that sorts first among them. With `by`, merges that
    the studio learned of later have not happened.
    """
    into = {
        contact.id: (contact.merged_into, contact.merged_at)
        for contact in contacts
        if contact.merged_into
    }

    def person(contact: str, by: dt.datetime | None = None) -> str:
        path = [contact]
        while merge := into.get(path[-1]):
            following, merged_at = merge
            if by is not None and merged_at is not None and merged_at > by:
                break
            if following in path:
                return min(path[path.index(following) :])
            path.append(following)
        return path[-1]

    return person


@dataclass(frozen=True, slots=True, order=True)
class Identification:
    """A viewer was somebody at the start of a view.

    `known_at` is when the studio knew of it; None for an imported one, which counts as known all
    along.
    """

    at: dt.datetime
    view: str
    contact: str
    known_at: dt.datetime | None = None


def known_contact(view: View) -> str | None:
    """The contact that a view itself makes known, before any merge.

    An import's word stands whether the view counts or not. A share link tells who watched only
    when the view counts, for mail scanners open links, and colleagues try them.
    """
    return view.contact if view.imported or view.is_counted else None


def identification(view: View) -> Identification | None:
    """What a view makes known of its viewer, if anything."""
    contact = known_contact(view)
    if view.viewer is None or contact is None:
        return None
    if view.imported:
        return Identification(view.started_at, view.id, contact)
    instants = (view.started_at, view.counted_at, view.identified_at)
    known_at = max(instant for instant in instants if instant is not None)
    return Identification(view.started_at, view.id, contact, known_at)


def identifications(views: Iterable[View], as_of: dt.datetime) -> dict[str, list[Identification]]:
    """By viewer, in order: what was known of them at `as_of`."""
    found: dict[str, list[Identification]] = defaultdict(list)
    for view in views:
        known = identification(view)
        if known and view.viewer and (known.known_at or known.at) <= as_of:
            found[view.viewer].append(known)
    for of_viewer in found.values():
        of_viewer.sort(key=lambda known: (known.at, known.view))
    return found


def known_before(
    close: dt.datetime | None, of_viewer: Iterable[Identification]
) -> list[Identification]:
    """The identifications that exist for a deal that closed then; all for one that is open."""
    return [
        known
        for known in of_viewer
        if close is None or known.known_at is None or known.known_at < close
    ]


def shared_out(
    views: Sequence[View], of_viewer: Sequence[Identification]
) -> Iterator[tuple[Identification, Sequence[View]]]:
    """The anonymous views of a viewer, each with the identification that tells whose it is.

    That is the first one at or after the view's start; if there is none, the last one before it.
    Both come in order; without identifications the views are nobody's.
    """
    begin = 0
    for place, known in enumerate(of_viewer):
        is_last = place == len(of_viewer) - 1
        end = (
            len(views)
            if is_last
            else bisect_right(views, known.at, lo=begin, key=lambda view: view.started_at)
        )
        if begin < end:
            yield known, views[begin:end]
        begin = end
