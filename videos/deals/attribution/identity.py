"""Which contact a view belongs to, and when this studio learned it."""

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from videos.deals.attribution.input import Contact, View


class MergeResolver(Protocol):
    """Maps a contact to the one it was merged into, today or as known by an instant."""

    def __call__(self, contact: str, by: dt.datetime | None = None) -> str: ...


def merge_resolver(contacts: Iterable[Contact]) -> MergeResolver:
    """Returns a function that maps a contact to the one it was finally merged into.

    Contacts merged in a circle map to the one that sorts first among them. With `by`, merges
    recorded after that instant are ignored.
    """
    into = {
        contact.id: (contact.merged_into, contact.merged_at)
        for contact in contacts
        if contact.merged_into
    }

    def resolve(contact: str, by: dt.datetime | None = None) -> str:
        path = [contact]
        while merge := into.get(path[-1]):
            following, merged_at = merge
            if by is not None and merged_at is not None and merged_at > by:
                break
            if following in path:
                return min(path[path.index(following) :])
            path.append(following)
        return path[-1]

    return resolve


@dataclass(frozen=True, slots=True, order=True)
class Identification:
    """States that a viewer was a contact at the start of a view.

    `known_at` is when the studio learned it; None for an imported one, which counts as known from
    the beginning.
    """

    at: dt.datetime
    view: str
    contact: str
    known_at: dt.datetime | None = None


def known_contact(view: View) -> str | None:
    """Returns the contact that a view itself names, before any merge.

    An imported view names its contact whether it counts or not. A share link identifies the viewer
    only if the view counts: mail scanners open links, and colleagues try them.
    """
    return view.contact if view.imported or view.is_counted else None


def identification(view: View) -> Identification | None:
    """Returns who a view identifies its viewer as, if anybody."""
    contact = known_contact(view)
    if view.viewer is None or contact is None:
        return None
    if view.imported:
        return Identification(view.started_at, view.id, contact)
    instants = (view.started_at, view.counted_at, view.identified_at)
    known_at = max(instant for instant in instants if instant is not None)
    return Identification(view.started_at, view.id, contact, known_at)


def identifications(views: Iterable[View], as_of: dt.datetime) -> dict[str, list[Identification]]:
    """Returns the identifications known at `as_of`, by viewer, in order."""
    found: dict[str, list[Identification]] = defaultdict(list)
    for view in views:
        known = identification(view)
        if known and view.viewer and (known.known_at or known.at) <= as_of:
            found[view.viewer].append(known)
    for of_viewer in found.values():
        of_viewer.sort(key=lambda known: (known.at, known.view))
    return found


def identifications_before(
    close: dt.datetime | None, of_viewer: Iterable[Identification]
) -> list[Identification]:
    """Returns the identifications known before `close`; all for an open deal (None)."""
    return [
        known
        for known in of_viewer
        if close is None or known.known_at is None or known.known_at < close
    ]


def assign_views(
    views: Sequence[View], of_viewer: Sequence[Identification]
) -> Iterator[tuple[Identification, Sequence[View]]]:
    """Groups the anonymous views of a viewer by the identification that applies to them.

    That is the first one at or after the view's start or, if there is none, the last one before it.
    Both arguments are in order. Without identifications the views belong to nobody.
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
