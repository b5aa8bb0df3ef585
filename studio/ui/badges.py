"""A state as a word with its icon, besides its colour."""

from typing import Any, NamedTuple


class Badge(NamedTuple):
    """A word with its icon and its tone: `quiet`, `busy`, `good` or `bad`."""

    label: Any
    icon: str
    tone: str
