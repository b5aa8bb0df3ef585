"""The next step of a video as values: what it is waiting for, who can act, and how."""

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple

from videos.planning.models import Stage


class Person(NamedTuple):
    """A user, by primary key and name."""

    pk: int
    name: str


class UserAccess(NamedTuple):
    """The current user, by primary key and permissions."""

    pk: int | None
    permissions: frozenset[str]


@dataclass(frozen=True)
class Assignees:
    """The named people, or everybody, who have a permission, except those in `excluded`."""

    people: tuple[Person, ...] | None = None
    permission: str = ""
    excluded: frozenset[int] = frozenset()

    def includes(self, user_access: UserAccess) -> bool:
        """Whether the user is one of them."""
        is_named = self.people is None or user_access.pk in {person.pk for person in self.people}
        is_allowed = not self.permission or self.permission in user_access.permissions
        return is_named and is_allowed and user_access.pk not in self.excluded


@dataclass(frozen=True)
class Action:
    """An action: the text of its button, and the URL to open or to POST to."""

    label: str
    url: str
    icon: str
    post: bool = False


@dataclass(frozen=True)
class ActionOffer:
    """An action, who is expected to do it, and who else may."""

    action: Action
    assigned: tuple[Assignees, ...] = ()
    others: tuple[Assignees, ...] = ()
    urgent: bool = False


@dataclass(frozen=True)
class PendingItem:
    """One thing that a video is waiting for: a sentence, the possible actions, and since when.

    `detail` is additional text by a person or tool, for example the reason of a failure.
    """

    sentence: str
    offers: tuple[ActionOffer, ...] = ()
    detail: str = ""
    since: dt.datetime | None = None


@dataclass(frozen=True)
class NextStep:
    """What a video is waiting for; the most important item comes first."""

    stage: Stage
    items: tuple[PendingItem, ...]

    @property
    def sentence(self) -> str:
        """All items as one text."""
        return " ".join(item.sentence for item in self.items)

    @property
    def details(self) -> list[str]:
        return [item.detail for item in self.items if item.detail]

    def offer_for(self, user_access: UserAccess) -> tuple[PendingItem, ActionOffer] | None:
        """The item and action that are assigned to the user, if any."""
        return next(
            (
                (item, offer)
                for item in self.items
                for offer in item.offers
                if any(assigned.includes(user_access) for assigned in offer.assigned)
            ),
            None,
        )

    def is_assigned_to(self, user_access: UserAccess) -> bool:
        """Whether something is assigned to the user."""
        return self.offer_for(user_access) is not None

    def action_for(self, user_access: UserAccess) -> Action | None:
        """The user's action: one that is assigned to them, else one that they may do."""
        if mine := self.offer_for(user_access):
            return mine[1].action
        return next(
            (
                offer.action
                for item in self.items
                for offer in item.offers
                if any(assigned.includes(user_access) for assigned in offer.others)
            ),
            None,
        )
