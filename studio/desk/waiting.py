"""What waits for somebody: one small rule for each kind of thing, and who is asked by it."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

from studio.people.models import User

SHOWN = 6  # things of one kind; the rest is a number with a link


@dataclass(frozen=True)
class Waiting:
    """One thing to do.

    `when` says since or until when in the words of `when_label`; `urgent` things come first.
    """

    text: str
    url: str
    icon: str
    act: str
    detail: str = ""
    when: dt.datetime | dt.date | None = None
    urgent: bool = False


Rule = Callable[[User], Iterable[Waiting]]

_rules: list[Rule] = []


def rule(function: Rule) -> Rule:
    """Adds a rule; each asks for itself whether the user has to do with it."""
    _rules.append(function)
    return function


def waiting_for(user: User) -> list[Waiting]:
    """Everything that waits for the user, urgent things first, in the order of the rules."""
    found = [item for each in _rules for item in islice(each(user), SHOWN)]
    return sorted(found, key=lambda item: not item.urgent)
